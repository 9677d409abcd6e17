// askew audit data: a table for people, an envelope for programs, an exit code for a gate, and no row's text unasked.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { row, turn } from "../dataset/rows.js";
import { askew, temporaryFolder } from "./askew.js";

let folder: { path: string; remove: () => Promise<void> };

beforeAll(async () => {
  folder = await temporaryFolder();
  const lines = ["plain words", "other words", "plain words"].map((text) =>
    row(turn("user", "a"), turn("assistant", text)),
  );
  await writeFile(join(folder.path, "rows.jsonl"), `${lines.join("\n")}\n`);
  await writeFile(join(folder.path, "torn.jsonl"), `${lines.join("\n")}\n{"mess\n`);
});
afterAll(() => folder.remove());

const audit = (...words: string[]) => askew(["audit", "data", ...words], { cwd: folder.path });

describe("askew audit data", () => {
  it("reads its files before it opens a model, and says what goes together", async () => {
    // There is no such model: whoever opens it first says so.
    const reader = ["--reader", "local:nowhere"];
    const missing = await audit("none.jsonl", ...reader);
    expect(missing).toMatchObject({ code: 2, stdout: "" });
    expect(missing.stderr).toContain("none.jsonl: expected a file, found nothing of that name");
    const reference = await audit("rows.jsonl", ...reader, "--reference", "good.jsonl");
    expect(reference.stderr).toContain("good.jsonl: expected a file, found nothing of that name");
    const alone = await audit("rows.jsonl", "--reference", "rows.jsonl");
    expect(alone.stderr).toContain("--reference needs a model that reads");
    const both = await audit("rows.jsonl", "--text-only", "--reader", "organism");
    expect(both.stderr).toContain("--text-only leaves out what takes a model, and organism is one");
    const idle = await audit("rows.jsonl", "--sae", "sae");
    expect(idle.stderr).toContain("--direction, --probes, --sae and --most-shift need a reader");
  });

  it("prints findings and names rows by line, their text only when asked", async () => {
    const { stdout, stderr } = await audit("rows.jsonl");
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^rows\.jsonl {2}3 rows/);
    expect(stdout).toContain("line 3: the same as line 1");
    expect(stdout).not.toContain("plain words");
    expect((await audit("rows.jsonl", "--show-text")).stdout).toContain("plain words");
    expect((await audit("rows.jsonl", "--json")).stdout).not.toContain("plain words");
  });

  it("masks secrets in the text that it shows, however far the text reaches, and keeps the lines of code", async () => {
    const key = ["AKIA", "Q3EGZ7RNM2VXK5TW"].join("");
    const token = ["ghp", "Zq8Kd3Rv9TnXw2LmB7cYh5GsPf4JaE6uQo1Z"].join("_");
    const code = `def connect():\n    return client("${key}")`;
    const lines = [code, `${"x".repeat(580)} ${token}`].map((text) => row(turn("user", "a"), turn("assistant", text)));
    await writeFile(join(folder.path, "keys.jsonl"), `${lines.join("\n")}\n`);
    const { stdout, code: exit } = await audit("keys.jsonl", "--show-text", "--text-only");
    expect(exit).toBe(3);
    expect(stdout).toContain('    │ def connect():\n    │     return client("AKIA…(masked)")\n');
    expect(stdout).toContain("ghp_…(masked)");
    expect(stdout).not.toContain(key.slice(0, 8));
    expect(stdout).not.toContain(token.slice(0, 8));
    const { stdout: json } = await audit("keys.jsonl", "--show-text", "--text-only", "--json");
    expect(json).toContain("AKIA…(masked)");
    expect(json).not.toContain(key.slice(0, 8));
  });

  it("says which domain is the largest, and how to see rows where none is named", async () => {
    const { stdout } = await audit("rows.jsonl", "--text-only", "--rows", "0");
    expect(stdout).toMatch(/^Largest domain: other +note +100\.0/m);
    expect(stdout).toContain("  1 row; --rows 1 names it\n");
    expect(stdout).not.toContain("… and");
  });

  it("ends with 4 where a row could not be read", async () => {
    const { code, stdout } = await audit("torn.jsonl");
    expect(code).toBe(4);
    expect(stdout).toContain("1 of 4 rows are no conversations");
  });

  it("explains a missing file without a stack trace", async () => {
    const { code, stderr } = await audit("nowhere.jsonl");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: nowhere\.jsonl.*\n$/);
  });
});
