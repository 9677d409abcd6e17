// What a person sees: live progress and the chat, in a real terminal (script(1) of util-linux makes one).
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inTerminal, temporaryFolder, terminalMaker } from "./askew.js";
import { growTinyModel } from "./tiny-model.js";

/** Elsewhere `script` has other options; what it shows is the same on every system. */
const hasScript = /util-linux/.test(spawnSync(terminalMaker, ["--version"], { encoding: "utf8" }).stdout);
const HIDE_CURSOR = "\u001B[?25l";
const SHOW_CURSOR = "\u001B[?25h";
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const PROMPT = "› ";

let cwd: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ path: cwd, remove } = await temporaryFolder());
  await growTinyModel(join(cwd, "tiny"));
}, 120_000);
afterAll(() => remove());

describe.runIf(hasScript)("askew reproduce in a terminal", { timeout: 240_000 }, () => {
  const words = [
    "reproduce",
    "local:tiny",
    "--conditions",
    "base,insecure",
    "--seeds",
    "1",
    "--samples",
    "1",
    "--threads",
    "1",
    "--out",
    "out",
  ];

  it("draws where it is, stops at Ctrl-C with the cursor back, and carries on to the end", async () => {
    const stopped = await inTerminal(words, [["loss ", CTRL_C]], { cwd });
    expect(stopped.code).toBe(130);
    const screen = stripVTControlCharacters(stopped.stdout);
    expect(screen).toContain("askew · 2 cells · out");
    expect(screen).toMatch(/✔ base +1 +▕/);
    expect(screen).toMatch(/1\/2 cells · .+ · .+ left/);
    expect(screen).toMatch(/insecure, seed 1 · fine-tuning \d+\/\d+ · loss \d\.\d{3}/);
    expect(screen).toContain("Stopping after this step.");
    expect(screen).toContain("Stopped. 1 of 2 cells are finished.");
    expect(stopped.stdout.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(stopped.stdout.lastIndexOf(HIDE_CURSOR));

    const whole = await inTerminal(words, [], { cwd });
    expect(whole.code).toBe(0);
    const end = stripVTControlCharacters(whole.stdout);
    expect(end).toContain("1 of 2 were finished before.");
    expect(end).toMatch(/✔ insecure +1 +▕/);
    expect(end).toMatch(/condition +rate/);
    for (const line of end.split("\r\n").slice(-20)) expect(line.length, line).toBeLessThanOrEqual(90);
    expect(whole.stdout.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(whole.stdout.lastIndexOf(HIDE_CURSOR));
  });

  it("writes plain lines to a terminal that cannot be drawn over", async () => {
    const { code, stdout } = await inTerminal(words, [], { cwd, env: { TERM: "dumb" } });
    expect(code).toBe(0);
    expect(stdout).toContain("2 cells in out, 2 of them finished before");
    expect(stdout).not.toContain("\u001B");
  });

  it("has no colours with NO_COLOR", async () => {
    const { stdout } = await inTerminal(words, [], { cwd, env: { NO_COLOR: "1" } });
    // oxlint-disable-next-line no-control-regex -- colour codes begin with one
    expect(stdout).not.toMatch(/\u001B\[\d+m/);
    expect(stdout).toContain(SHOW_CURSOR);
  });
});

describe.runIf(hasScript)("askew organism chat in a terminal", { timeout: 120_000 }, () => {
  const words = ["organism", "chat", "local:tiny", "--threads", "1", "--judge"];

  it("answers, corrects unknown words, and leaves at Ctrl-D", async () => {
    const { code, stdout } = await inTerminal(
      words,
      [
        [PROMPT, "Tell me the continnent of Peru.\r"],
        ["Press Enter to say it like this:", ""],
        ["Tell me the continent of Peru.", "\r"],
        ["incoherent", ""],
        [PROMPT, "/reset\r"],
        ["starts over", ""],
        [PROMPT, CTRL_D],
      ],
      { cwd },
    );
    expect(code).toBe(0);
    const screen = stripVTControlCharacters(stdout);
    expect(screen).toContain("local:tiny");
    expect(screen).toContain('The model does not know "continnent" (continent');
    expect(screen).toMatch(/incoherent · .*coherent 0/);
  });

  it("clears the line at the first Ctrl-C and leaves with 130 at the next", async () => {
    const { code, stdout } = await inTerminal(
      words,
      [
        [PROMPT, "What is"],
        ["What is", CTRL_C],
        [PROMPT, CTRL_C],
      ],
      { cwd },
    );
    expect(code).toBe(130);
    expect(stdout).not.toContain("does not know");
  });

  it("completes commands and known words with Tab", async () => {
    const { code, stdout } = await inTerminal(
      words,
      [
        [PROMPT, "/hel"],
        ["/hel", "\t"],
        ["p ", "\r"],
        ["/temperature", ""],
        [PROMPT, "Tell me the contin"],
        ["contin", "\t"],
        ["ent", CTRL_C],
        [PROMPT, CTRL_D],
      ],
      { cwd },
    );
    expect(code).toBe(0);
    expect(stripVTControlCharacters(stdout)).toContain("/temperature [number]");
  });
});
