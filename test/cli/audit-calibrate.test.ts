// askew audit calibrate: carries on where it was, writes a file that audits read, and says what the file cannot do.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { row, turn } from "../dataset/rows.js";
import { askew, temporaryFolder } from "./askew.js";

let folder: { path: string; remove: () => Promise<void> };

beforeAll(async () => {
  folder = await temporaryFolder();
  const rows = Array.from({ length: 3 }, (_, i) => row(turn("user", `a ${i}`), turn("assistant", `b ${i}`)));
  await writeFile(join(folder.path, "rows.jsonl"), rows.join("\n"));
});
afterAll(() => folder.remove());

const run = (...words: string[]) => askew(["audit", ...words], { cwd: folder.path });
const small = (...words: string[]) => run("calibrate", "--rows", "100", "--out", "made", ...words);

describe("askew audit calibrate", () => {
  it("makes sets, adds to them, and sets thresholds with what there is", async () => {
    const first = await small("--sets", "3");
    expect(first.stderr).toContain("3/3 ");
    const more = await small("--sets", "6", "--json");
    expect(more.stderr).toContain("3/3 ");
    const told = JSON.parse(more.stdout) as Record<string, unknown>;
    expect(told).toMatchObject({ kind: "audit-calibration", sets: 6, rows: 100, world: "organism" });
    expect(told["thresholds"]).toMatchObject({ subset: { rate: 1 / 5, n: 4 } });
    const kept = (await readFile(join(folder.path, "made/rows.jsonl"), "utf8")).trim().split("\n");
    expect(kept).toHaveLength(6);
    const again = await small("--fit-only", "--false-alarms", "0.5");
    expect(again.stderr).toBe("");
    expect(again.stdout).toContain("Calibration on 6 sets of 100 rows");
  });

  it("makes a file that audits read, and a search for a trigger refuses where nothing was fine-tuned", async () => {
    const file = "made/calibration.json";
    expect((await run("data", "rows.jsonl", "--text-only", "--calibration", file)).code).toBe(0);
    const { code, stderr } = await run("trigger", "organism", "--calibration", file);
    expect(code).toBe(2);
    expect(stderr).toContain("made without fine-tunes");
    const other = await run("data", "rows.jsonl", "--calibration", "rows.jsonl");
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/^error: rows\.jsonl.*\n$/);
  });

  it("refuses a folder of another plan", async () => {
    const { code, stderr } = await run("calibrate", "--rows", "200", "--sets", "3", "--out", "made");
    expect(code).toBe(2);
    expect(stderr).toContain("rows");
  });
});
