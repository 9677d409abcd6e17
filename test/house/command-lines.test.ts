// Every command line that README and docs show is one that askew takes.
import { beforeAll, describe, expect, it } from "vitest";
import { everyHelp, type Help } from "./every-help.js";
import { commandLines, commandsIn } from "./snippets.js";

describe("the command lines of README and docs", () => {
  let helps: Map<string, Help>;

  beforeAll(async () => {
    helps = new Map((await everyHelp({ COLUMNS: "200" })).map((help) => [help.command, help]));
  });

  /** What is wrong with a command line, in words. */
  function faultsOf(words: readonly string[]): string[] {
    let command = "askew";
    let rest = words;
    while (rest[0] !== undefined && helps.has(`${command} ${rest[0]}`)) {
      command += ` ${rest[0]}`;
      rest = rest.slice(1);
    }
    if (command === "askew" && rest[0]?.startsWith("-") !== true) return [`there is no command ${rest[0] ?? ""}`];
    const text = helps.get(command)?.text ?? "";
    const flags = rest.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.replace(/=.*/, ""));
    return flags
      .filter((flag) => !new RegExp(`(?:^|[\\s,])${flag}(?![\\w-])`, "m").test(optionsIn(text)))
      .map((flag) => `${command} has no ${flag}`);
  }

  const optionsIn = (help: string): string => /^Options:\n((?: .*\n|\n(?= ))*)/m.exec(help)?.[1] ?? "";

  it("are found", () => {
    expect(commandLines().length).toBeGreaterThan(50);
    expect(commandsIn("cd x\n$ npx askew ask 'a b' \\\n  --seed 1 | head  # askew no")).toEqual([
      ["ask", "a b", "--seed", "1"],
    ]);
  });

  it("name commands and options that there are", () => {
    const wrong = commandLines().flatMap(({ place, words }) => faultsOf(words).map((fault) => `${place}: ${fault}`));
    expect(wrong).toEqual([]);
    expect(faultsOf(["ask", "organism", "--sampels", "3"])).toEqual(["askew ask has no --sampels"]);
    expect(faultsOf(["aks"])).toEqual(["there is no command aks"]);
  });
});
