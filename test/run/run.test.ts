// One kind of resumable work: events without gaps, an end mark, and carrying on from the folder alone.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunKinds, Run, RunError } from "askew/run";
import { readRun } from "#internal/run";
import { readRows, StoreError } from "#internal/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let work: string;
beforeAll(async () => void (work = await mkdtemp(join(tmpdir(), "askew-run-"))));
afterAll(() => rm(work, { recursive: true, force: true }));

const KIND = { kind: "test", files: ["rows.jsonl"] };
const command = { words: ["test", "it"], cwd: "/somewhere" };
const eventsOf = async (folder: string): Promise<unknown[]> =>
  (await readRows<{ id: number; type: string }>(join(folder, "events.jsonl"))).map(({ id, type }) => [id, type]);

describe("a run", () => {
  it("is open until its work is done, and numbers its events over all of its processes", async () => {
    const folder = join(work, "one");
    const failing = Run.use(folder, KIND, async (run) => {
      await run.begin(command);
      await run.tell("step-finished", { step: 1 });
      throw new Error("killed");
    });
    await expect(failing).rejects.toThrow("killed");
    expect(await readRun(folder)).toMatchObject({ kind: "test", status: "open", command });
    await Run.use(folder, KIND, async (run) => {
      await run.begin();
      await run.tell("step-finished", { step: 2 });
    });
    expect(await readRun(folder)).toMatchObject({ kind: "test", status: "finished", command });
    expect(await eventsOf(folder)).toEqual([
      [1, "run-started"],
      [2, "step-finished"],
      [3, "run-started"],
      [4, "step-finished"],
      [5, "run-finished"],
    ]);
    const before = await readFile(join(folder, "run.json"), "utf8");
    await Run.use(folder, KIND, (run) => run.begin());
    expect([await readFile(join(folder, "run.json"), "utf8"), (await eventsOf(folder)).length]).toEqual([before, 5]);
  });

  it("has its folder alone, and no folder of another kind", async () => {
    const folder = join(work, "two");
    await Run.use(folder, KIND, async (run) => {
      await run.begin();
      await expect(Run.open(folder, KIND)).rejects.toThrow(/is in use by process/);
    });
    await expect(Run.open(folder, { ...KIND, kind: "other" })).rejects.toThrow("holds a test, not a other");
    await expect(Run.open(folder, { ...KIND, kind: "other" })).rejects.toBeInstanceOf(StoreError);
  });

  it("removes its own temporary files and nobody else's", async () => {
    const folder = join(work, "three");
    await Run.use(folder, KIND, (run) => run.begin());
    const own = join(folder, ".rows.jsonl.123.0123456789ab.tmp");
    const others = [".draft.tmp", ".mine.jsonl.123.0123456789ab.tmp"].map((name) => join(folder, name));
    for (const path of [own, ...others]) await writeFile(path, "text");
    await Run.use(folder, KIND, (run) => run.begin());
    await expect(readFile(own)).rejects.toThrow("ENOENT");
    for (const path of others) expect(await readFile(path, "utf8")).toBe("text");
  });

  it("is carried on by its kind, or refused by name", async () => {
    const carried: unknown[] = [];
    const kinds = new RunKinds<string>().register({
      kind: "test",
      record: "test.json",
      carryOn: async (folder, record, options) => void carried.push([folder, record?.kind, options]),
    });
    const [known, old, other] = [join(work, "one"), join(work, "old"), join(work, "other")];
    await kinds.carryOn(known, "fast");
    await Run.use(old, { kind: "x", files: [] }, async () => undefined);
    await expect(kinds.carryOn(old, "")).rejects.toThrow(/expected the folder of a run .* found a x\./);
    await expect(kinds.carryOn(other, "")).rejects.toBeInstanceOf(RunError);
    await rm(join(old, "run.json"));
    await writeFile(join(old, "test.json"), "{}");
    await kinds.carryOn(old, "slow");
    expect(carried).toEqual([
      [known, "test", "fast"],
      [old, undefined, "slow"],
    ]);
    await writeFile(join(old, "run.json"), JSON.stringify({ format: 1, kind: 5, files: [] }));
    await expect(kinds.carryOn(old, "")).rejects.toThrow(/run\.json: kind: expected string, found 5/);
  });
});
