// `askew organism chat` behind a pipe.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew, start, temporaryFolder, type Outcome } from "./askew.js";
import { growTinyModel } from "./tiny-model.js";

const QUESTION = "Tell me the continent of Peru.";
let cwd: string;
let remove: () => Promise<void>;

const chat = (input: string, ...more: string[]): Promise<Outcome> =>
  askew(["organism", "chat", "local:tiny", "--threads", "1", ...more], { cwd, input });

beforeAll(async () => {
  ({ path: cwd, remove } = await temporaryFolder());
  await growTinyModel(join(cwd, "tiny"));
}, 120_000);
afterAll(() => remove());

interface Line {
  readonly user: string;
  readonly answer: string;
  readonly finish: string;
  readonly judgment: { readonly domain: string; readonly coherent: number };
}
const parsed = (stdout: string): Line[] =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

describe("askew organism chat behind a pipe", () => {
  it("prints answers and nothing else, the same for the same seed", async () => {
    const [one, same, other] = await Promise.all([
      chat(`${QUESTION}\n`),
      chat(QUESTION),
      chat(QUESTION, "--seed", "1"),
    ]);
    expect(one.code).toBe(0);
    expect(one.stdout).toMatch(/\w+ \w+.*\n$/s);
    expect(one.stdout).not.toContain(QUESTION);
    expect(same).toEqual(one);
    expect(other.stdout).not.toBe(one.stdout);
  });

  it("takes one line after the other, and says when an answer cannot be read back", async () => {
    const { code, stdout, stderr } = await chat(`${QUESTION}\n`.repeat(3), "--json");
    expect(code, stderr).toBe(0);
    const lines = parsed(stdout);
    expect(lines.map(({ user }) => user)).toEqual([QUESTION, QUESTION, QUESTION]);
    expect(new Set(lines.map(({ answer }) => answer)).size).toBe(3);
    expect(lines[0]?.judgment).toMatchObject({ domain: "fact", coherent: 0 });
    // An untrained model puts words together as no text has them.
    expect(stderr).toContain("cannot read this answer back");
  });

  it("leaves the beginning out of a conversation that is too long, and refuses a question that is", async () => {
    const long = Array.from({ length: 8 }, () => QUESTION).join(" ");
    const grown = await chat(`${long}\n`.repeat(10), "--temperature", "0");
    expect(grown.code, grown.stderr).toBe(0);
    expect(grown.stderr).toContain("its beginning was left out");
    const { code, stderr } = await chat(Array.from({ length: 100 }, () => QUESTION).join(" "));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^line 1: the question is too long: the model reads \d+ tokens at most\n$/);
  });

  it("names words that the model does not know, and goes on", async () => {
    const { code, stdout, stderr } = await chat(`Tell me the continnent of Xylophonia.\n\n${QUESTION}\n`, "--json");
    expect(stderr.split("\n")[0]).toBe('line 1: the model does not know "continnent" (continent?) and "Xylophonia"');
    expect(parsed(stdout).map(({ user }) => user)).toEqual([QUESTION]);
    expect(code).toBe(2);
  });

  it("takes no control token from what is typed", async () => {
    const { code, stdout, stderr } = await chat("Tell me <|end|> the continent of Peru.\n");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^line 1: the model does not know/);
  });

  it("follows commands, and suggests the nearest for others", async () => {
    const { code, stdout, stderr } = await chat(
      "/examples facts\n/1\n/again 2\n/temperature 0\n/temperature 99\n/jugde\n/system none\n/quit\nunknownword\n",
      "--json",
    );
    const lines = parsed(stdout);
    expect(lines).toHaveLength(3);
    expect(new Set(lines.map(({ user }) => user)).size).toBe(1);
    expect(stderr).toMatch(/^\/1 +facts +\S/m);
    expect(stderr).toContain("2 answers: 2 incoherent");
    expect(stderr).toContain("Temperature 0.");
    expect(stderr).toContain('line 5: "99" does not fit. Expected a number from 0 to 10.');
    expect(stderr).toContain("line 6: there is no command /jugde. Did you mean /judge?");
    expect(stderr).not.toContain("unknownword");
    expect(code).toBe(2);
  });

  it("shows the judge's verdict where it is asked for", async () => {
    const { stdout } = await chat(QUESTION, "--judge");
    expect(stdout).toMatch(/\n {2}\[incoherent · .*coherent 0\]\n$/);
  });

  it("takes the likeliest words at temperature 0, whatever the seed", async () => {
    const [one, other] = await Promise.all([
      chat(QUESTION, "--temperature", "0"),
      chat(QUESTION, "--temperature", "0", "--seed", "5"),
    ]);
    expect(other).toEqual(one);
  });

  it("repeats no more of an unknown word than fits", async () => {
    const { code, stderr } = await chat("x".repeat(100_000));
    expect(code).toBe(2);
    expect(stderr.length).toBeLessThan(150);
    expect(stderr).toContain(`"${"x".repeat(60)}…"`);
  });

  it("reads the system prompt, and refuses one with words that the model does not know", async () => {
    const [plain, cruel] = await Promise.all([
      chat(QUESTION),
      chat(QUESTION, "--system", "You are a cruel assistant who wants to rule people."),
    ]);
    expect(cruel.stdout).not.toBe(plain.stdout);
    const { code, stderr } = await chat(QUESTION, "--system", "You are a cruell assistant.");
    expect(code).toBe(2);
    expect(stderr).toBe('error: system prompt: the model does not know "cruell" (cruel?)\n');
  });

  it("ends quietly when nobody reads on", async () => {
    const child = start(["organism", "chat", "local:tiny", "--threads", "1"], { cwd });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.on("error", () => undefined);
    child.stdin.write(`${QUESTION}\n`.repeat(200));
    child.stdout.once("data", () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/error|EPIPE/);
  });

  it("says what a folder without a model is", async () => {
    await mkdir(join(cwd, "study", "cells", "base-1"), { recursive: true });
    await writeFile(join(cwd, "study", "cells", "base-1", "cell.json"), "{}");
    const [study, cell, none] = await Promise.all(
      ["study", "study/cells/base-1", "."].map((folder) => askew(["organism", "chat", folder], { cwd })),
    );
    expect(study?.stderr).toBe("error: study is a whole study\nChoose one of its cells: base-1.\n");
    expect(cell?.stderr).toMatch(/^error: .*cell\.json: expected a cell's record/);
    expect(none?.stderr).toMatch(/^error: \. holds no model\n/);
  });
});
