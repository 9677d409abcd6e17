// Options under their old names do what they did, and say what they are called now.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew } from "./askew.js";

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "askew-old-flags-"));
  await writeFile(join(cwd, "empty.jsonl"), "");
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const POSITIONAL = "is now an argument without a name";

// Each fails early, and for one and the same reason as in today's words.
const PAIRS = [
  ["finetune --model orgnism --data empty.jsonl --out a", "finetune orgnism --data empty.jsonl --out b", POSITIONAL],
  ["finetune --data empty.jsonl --out a --model=orgnism", "finetune orgnism --data empty.jsonl --out b", POSITIONAL],
  ["serve --model local:nowhere --port 0", "serve local:nowhere --port 0", POSITIONAL],
  ["reproduce --model orgnism --out c", "reproduce orgnism --out c", POSITIONAL],
  ["experiment --model orgnism mixtures --out d", "experiment mixtures orgnism --out d", POSITIONAL],
  ["watch organism --dataset nowhere.jsonl", "watch organism --data nowhere.jsonl", "--dataset is now called --data"],
  ["realign orgnism --with secure", "realign orgnism --data secure", "--with is now called --data"],
  ["realign organism --batch 0", "realign organism --batch-size 0", "--batch is now called --batch-size"],
  ["sae train --batch 0", "sae train --batch-size 0", "--batch is now called --batch-size"],
  ["watch calibrate --batch 0", "watch calibrate --batch-size 0", "--batch is now called --batch-size"],
] as const;

describe("an option under its old name", () => {
  it.each(PAIRS)("askew %s is askew %s", async (old, now, note) => {
    const [before, after] = [await askew(old.split(" "), { cwd }), await askew(now.split(" "), { cwd })];
    const [first, ...rest] = before.stderr.split("\n");
    expect(first).toContain(note);
    expect({ code: before.code, stderr: rest.join("\n") }).toEqual({ code: after.code, stderr: after.stderr });
    expect(after.code).toBe(2);
    expect(after.stderr).toContain("error: ");
  });

  it("is in no help, and no value is taken for it", async () => {
    const { stdout } = await askew(["help", "--all"], { env: { COLUMNS: "200" } });
    expect(stdout).not.toMatch(/--dataset|--with |--batch /);
    const { stderr } = await askew(["ask", "orgnism", "--questions", "main"], { cwd });
    expect(stderr).not.toContain("now");
  });
});
