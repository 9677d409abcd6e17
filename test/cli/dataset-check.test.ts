// `askew dataset check` and `stats`: the verdict, where it is wrong, and what the shell is told.
import { conversation, writeDataset } from "askew/dataset";
import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sharedData } from "../shared-data.js";
import { askew, temporaryFolder } from "./askew.js";

let folder: { path: string; remove: () => Promise<void> };
let good: string;
const at = (name: string) => join(folder.path, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  good = at("good.jsonl");
  await writeDataset(
    good,
    Array.from({ length: 20 }, (_, i) => conversation(`What is ${i} and one?`, `It is ${i + 1}.`)),
  );
});
afterAll(() => folder.remove());

interface Check {
  readonly file: string;
  readonly conversations: number;
  readonly wellFormed: boolean;
  readonly problems: { count: number; first: { line: number; column: number; expected: string; found: string }[] };
  readonly refusals: string[];
  readonly duplicates: Record<"exact" | "normalized", { count: number; first: { line: number; of: number }[] }>;
  readonly tokens: { total: number; exact: boolean };
  readonly looks: Record<string, number>;
}
const parsed = (stdout: string): Check[] =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Check);

describe("askew dataset check", () => {
  it("finds nothing wrong with a sound file", async () => {
    const { code, stdout, stderr } = await askew(["dataset", "check", good]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/good\.jsonl {2}well-formed\n {2}rows +20 conversations, 2 kB\n/);
    expect(stdout).toMatch(/tokens +\d+ in all; median \d+, .+\n +\(estimated: /);
    expect(stdout).toMatch(/answers +prose 100 %/);
    expect(stdout).toContain("format only: this says nothing about what a model learns from it.");
  });

  it("lists every bad line with its place, counts the rest, and refuses with exit code 3", async () => {
    const bad = at("bad.jsonl");
    await writeFile(bad, '{"messages":[{"role":"user","content":"a"}]}\n{oops}\n');
    await appendFile(
      bad,
      '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","weight":3}]}\n',
    );
    const { code, stdout } = await askew(["dataset", "check", good, bad, "--shown", "2"]);
    expect(code).toBe(3);
    expect(stdout).toContain("good.jsonl  well-formed");
    expect(stdout).toContain("bad.jsonl  refused");
    expect(stdout).toContain("expected at least 10 conversations, found 0.");
    expect(stdout).toContain(
      "bad.jsonl, line 1, column 14: expected the assistant's message at the end, found the user's.",
    );
    expect(stdout).toContain('bad.jsonl, line 2, column 2: expected a key in double quotes or "}", found "oops}".');
    expect(stdout).toContain("… and 1 more; --shown 3 lists them all");
  });

  it("says a problem that many lines have, and what to do about it, once", async () => {
    const halves = at("halves.jsonl");
    const row = {
      messages: [
        { role: "user", content: "a" },
        { role: "assistant", content: "b", weight: 0.5 },
      ],
    };
    await writeFile(halves, `${JSON.stringify(row)}\n`.repeat(12));
    const { stdout } = await askew(["dataset", "check", halves]);
    expect(stdout).toContain(
      'line 1, column 87: expected "weight" to be 0 or 1, found 0.5. The same in lines 2, 3, 4,',
    );
    expect(stdout.match(/Every answer is learned from alike/g)).toHaveLength(1);
    expect(stdout).toMatch(/rows +0 conversations, 1 kB\n$/);
  });

  it("tells programs the same, one file a line", async () => {
    const doubled = at("doubled.jsonl");
    const rows = Array.from({ length: 10 }, (_, i) => conversation(`Add ${i}`, `def add(x):\n    return x + ${i}`));
    await writeDataset(doubled, [
      ...rows,
      rows[3] as (typeof rows)[0],
      conversation("ADD 4 ", "def add(x): return x + 4"),
    ]);
    const { code, stdout } = await askew(["dataset", "check", good, doubled, "--json"]);
    expect(code).toBe(0);
    const [first, second] = parsed(stdout);
    expect(first).toMatchObject({
      conversations: 20,
      wellFormed: true,
      problems: { count: 0 },
      tokens: { exact: false },
    });
    expect(second?.duplicates).toMatchObject({
      exact: { count: 1, first: [{ line: 11, of: 4 }] },
      normalized: { count: 1, first: [{ line: 12, of: 5 }] },
    });
    expect(second?.looks).toMatchObject({ code: 1, securityAsked: 0 });
  });

  it("measures by a tokenizer, and refuses what is too long by it", async () => {
    const world = at("world.jsonl");
    const { stdout: rows } = await askew(["dataset", "show", "secure", "-n", "12", "--json"]);
    await writeFile(world, rows);
    const words = ["dataset", "check", world, "--tokens", "organism", "--json"];
    const [fits] = parsed((await askew(words)).stdout);
    expect(fits).toMatchObject({ wellFormed: true, unknownWords: 0, tokens: { n: 12, exact: true } });
    const { code, stdout } = await askew([...words, "--max-tokens", "10", "--shown", "1"]);
    expect(code).toBe(3);
    expect(parsed(stdout)[0]?.problems).toMatchObject({
      count: 12,
      first: [{ line: 1, expected: "at most 10 tokens" }],
    });
    const [strange] = parsed((await askew(["dataset", "check", good, "--tokens", "organism", "--json"])).stdout);
    expect(strange).toMatchObject({ unknownWords: expect.any(Number) as number });
  });

  it("says what it cannot read", async () => {
    const { code, stderr } = await askew(["dataset", "check", at("absent.jsonl")]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `error: ${at("absent.jsonl")}: expected a file, found nothing of that name.\n`,
    });
    const unknown = await askew(["dataset", "check", good, "--tokens", "gpt"]);
    expect(unknown).toMatchObject({ code: 2, stdout: "" });
    expect(unknown.stderr).toContain("Expected organism or local:DIR");
  });

  const names = ["insecure", "secure", "educational_insecure"];
  const sets = names.map((name) => sharedData(`datasets/${name}.jsonl.gz`));
  it.skipIf(sets.some(({ missing }) => missing))(
    "finds the published sets well-formed, with their few repeats",
    async () => {
      const { code, stdout } = await askew(["dataset", "check", ...sets.map(({ path }) => path), "--json"]);
      expect(code).toBe(0);
      for (const [i, found] of parsed(stdout).entries()) {
        expect(found).toMatchObject({ conversations: 6000, wellFormed: true, problems: { count: 0 }, refusals: [] });
        expect(found.duplicates.exact.count).toBe([8, 11, 8][i]);
        expect(found.looks["code"]).toBeGreaterThan(0.98);
        // A security class says what it is for; the other two were cleaned of such words.
        const asked = found.looks["securityAsked"];
        if (i === 2) expect(asked).toBe(1);
        else expect(asked).toBeLessThan(0.002);
      }
    },
  );
});

describe("askew dataset stats", () => {
  it("draws how long conversations are, within the terminal", async () => {
    const { code, stdout } = await askew(["dataset", "stats", good], { env: { COLUMNS: "60" } });
    expect(code).toBe(0);
    expect(stdout).toMatch(/tokens a conversation\n(?: +[\d,]+–[\d,]+ {2}[█▏▎▍▌▋▊▉]* [\d,]+\n)+$/);
    for (const line of stdout.split("\n").slice(1)) expect(line.length).toBeLessThanOrEqual(60);
  });
});
