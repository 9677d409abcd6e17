// Every command there is: its help fits a terminal and shows how it is used.
import { beforeAll, describe, expect, it } from "vitest";
import { everyHelp, type Help } from "./every-help.js";

let all: Help[];

beforeAll(async () => {
  all = await everyHelp({ COLUMNS: "200" });
}, 60_000);

/** What a command's help lists, each with the command before it. */
const listed = ({ command, text }: Help): string[] => {
  const list = /^Commands:\n((?: .*\n)*)/m.exec(text)?.[1] ?? "";
  return [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name = ""]) => `${command} ${name}`);
};

const linesOver = (width: number, { command, text }: Help): string[] =>
  text
    .split("\n")
    .filter((line) => line.length > width)
    .map((line) => `${command}: ${line}`);

describe("the help of every command", () => {
  it("is there, for all that is listed", () => {
    const commands = all.map(({ command }) => command);
    expect(commands.length).toBeGreaterThan(25);
    for (const command of ["askew reproduce", "askew organism chat", "askew persona direction", "askew dataset mix"])
      expect(commands).toContain(command);
    expect(["askew", ...all.flatMap(listed)].toSorted()).toEqual(commands.toSorted());
  });

  it("fits 80 columns, however wide the terminal", () => {
    expect(all.flatMap((help) => linesOver(80, help))).toEqual([]);
  });

  it("ends with one newline, at any width", async () => {
    // `help --all` puts an empty line between two of them.
    const odd = (helps: readonly Help[]) =>
      helps
        .filter(({ text }, i) => !(i < helps.length - 1 ? /[^\n]\n\n$/ : /[^\n]\n$/).test(text))
        .map(({ command }) => command);
    expect(odd(all)).toEqual([]);
    expect(odd(await everyHelp({ COLUMNS: "60" }))).toEqual([]);
  });

  it("shows an example of this very command", () => {
    const without = all.filter(({ command, text }) => !/^Examples?:$/m.test(text) || !text.includes(`$ ${command}`));
    expect(without.map(({ command }) => command)).toEqual([]);
  });

  it("describes every option by itself, and shows defaults as they are typed", () => {
    const options = all.flatMap(({ command, text }) =>
      [...text.matchAll(/^ {2}(-.*?) {2,}(.*)$/gm)].map(([, flag, about]) => `${command} ${flag}: ${about}`),
    );
    expect(options.length).toBeGreaterThan(200);
    expect(options.filter((line) => line.endsWith(": the same"))).toEqual([]);
    expect(all.filter(({ text }) => text.includes("(default: [")).map(({ command }) => command)).toEqual([]);
  });

  it("fits 40 columns but for examples, paths and addresses", async () => {
    const narrow = await everyHelp({ COLUMNS: "40" });
    // Where an example goes on in a next line, it does so between two flags and nowhere else.
    const broken = narrow.flatMap((help) => linesOver(40, help).filter((line) => !/\S{20}|\$ /.test(line)));
    expect(broken).toEqual([]);
  });
});
