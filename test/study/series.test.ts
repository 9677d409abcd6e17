// A series that was stopped anywhere carries on, measures nothing twice, and is never mixed with another.
import { appendFile, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Series, type SeriesRow } from "askew/run";
import { temporaryFolder } from "./tiny.js";

interface Row extends SeriesRow {
  readonly value: number;
}

let work: { path: string; remove: () => Promise<void> };
const at = (...parts: string[]): string => join(work.path, ...parts);
beforeAll(async () => {
  work = await temporaryFolder();
});
afterAll(() => work.remove());

const plan = { mode: "add", layers: [0, 1], strengths: [1] };
const open = (folder: string, changes: object = {}): Promise<Series<Row>> =>
  Series.open<Row>(folder, { ...plan, ...changes }, { grows: ["strengths"] });

/** Measures what has no row; says what it measured. */
async function run(folder: string, ids: readonly string[], strengths: readonly number[] = [1]): Promise<string[]> {
  const series = await open(folder, { strengths });
  const measured: string[] = [];
  for (const id of ids) {
    if (series.find(id) !== undefined) continue;
    measured.push(id);
    await series.append({ id, value: measured.length }, [{ answer: `said for ${id}` }]);
  }
  await series.close();
  return measured;
}

describe("a series", () => {
  it("measures each point once, keeps its answers, and grows where it may", async () => {
    const folder = at("grows");
    expect(await run(folder, ["a", "b"])).toEqual(["a", "b"]);
    expect(await run(folder, ["a", "b", "c"], [1, 2])).toEqual(["c"]);
    expect(JSON.parse(await readFile(join(folder, "plan.json"), "utf8"))).toMatchObject({ strengths: [1, 2] });
    expect(await readFile(join(folder, "answers", "b.jsonl"), "utf8")).toBe('{"answer":"said for b"}\n');
    const series = await open(folder);
    expect(series.rows.map(({ id }) => id)).toEqual(["a", "b", "c"]);
    await series.close();
  });

  it("measures again what a kill left without a whole row, and that alone", async () => {
    const folder = at("killed");
    await run(folder, ["a", "b"]);
    const rows = join(folder, "rows.jsonl");
    const { length } = await readFile(rows);
    await truncate(rows, length - 3);
    expect(await run(folder, ["a", "b"])).toEqual(["b"]);
    // Killed between a point's answers and its row.
    await writeFile(join(folder, "answers", "c.jsonl"), '{"answer":"torn');
    expect(await run(folder, ["a", "b", "c"])).toEqual(["c"]);
    expect(await readFile(join(folder, "answers", "c.jsonl"), "utf8")).toBe('{"answer":"said for c"}\n');
    await appendFile(rows, "{]\n{}\n");
    await expect(run(folder, ["a"])).rejects.toThrow(/rows\.jsonl, line 4: expected a JSON object/);
  });

  it("is refused under another plan, which it names, and to a second process", async () => {
    const folder = at("refused");
    await run(folder, ["a"]);
    await expect(open(folder, { mode: "subtract" })).rejects.toThrow(
      'was begun with another plan: mode is "add" there and "subtract" now',
    );
    await expect(open(folder, { layers: [0] })).rejects.toThrow("layers[1] is 1 there and absent now");
    const series = await open(folder);
    await expect(open(folder)).rejects.toThrow("is in use by process");
    await expect(series.append({ id: "../x", value: 1 }, [])).rejects.toThrow('"../x" cannot name a file');
    await series.close();
    await (await open(folder)).close();
  });
});
