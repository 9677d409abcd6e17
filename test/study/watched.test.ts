// Killed at any line it writes, a watched fine-tune carries on: the same rows, the same model, one alarm.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SLOW, temporaryFolder, writeTinyModel } from "./tiny.js";

const script = fileURLToPath(new URL("watched-crash.mjs", import.meta.url));
let work: { path: string; remove: () => Promise<void> };
interface First {
  readonly verdict: { readonly alarm: { readonly step: number } };
  readonly told: readonly number[];
}
let first: First;
let whole: Kept;
const at = (...parts: string[]): string => join(work.path, ...parts);

interface Outcome {
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (folder: string, ...kill: string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile(process.execPath, [script, at("model"), folder, ...kill], (error, stdout, stderr) =>
      resolve({ signal: error?.signal ?? null, stdout, stderr }),
    );
  });

interface Kept {
  readonly watch: readonly object[];
  readonly training: readonly object[];
  readonly model: string;
  readonly alarm: unknown;
}

async function kept(folder: string): Promise<Kept> {
  const rows = async (name: string): Promise<object[]> =>
    (await readFile(join(folder, name), "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => {
        const { seconds: _, ...row } = JSON.parse(line) as { seconds: number };
        return row;
      });
  return {
    watch: await rows("watch.jsonl"),
    training: await rows("training.jsonl"),
    model: (await readFile(join(folder, "model", "model.safetensors"))).toString("base64"),
    alarm: JSON.parse(await readFile(join(folder, "alarm.json"), "utf8")),
  };
}

beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(at("model"));
  const { stdout, stderr } = await run(at("whole"));
  if (stderr !== "") throw new Error(stderr);
  first = JSON.parse(stdout) as First;
  whole = await kept(at("whole"));
}, SLOW);
afterAll(() => work.remove());

describe("a watched fine-tune", () => {
  it("has a look before its first step, every two steps, and at its end", () => {
    expect(whole.watch.map((row) => (row as { step: number }).step)).toEqual([0, 2, 4, 6]);
    expect(whole.training).toHaveLength(6);
    expect(first.told).toEqual([first.verdict.alarm.step]);
    expect(whole.alarm).toMatchObject({ told: true, step: 4 });
  });

  it(
    "is carried on wherever it was killed, with half a line on the disk",
    async () => {
      const folder = at("killed");
      let killed = 0;
      // Ten lines in all: every run gets three further, and is killed in the middle of the next.
      for (let finished = false; !finished;) {
        const { signal, stdout, stderr } = await run(folder, ...(killed < 3 ? ["3"] : []));
        finished = signal === null;
        if (finished) expect(stderr).toBe("");
        else killed++;
        if (finished) expect(JSON.parse(stdout)).toMatchObject({ verdict: { step: 6 } });
      }
      expect(killed).toBe(3);
      expect(await kept(folder)).toEqual(whole);
    },
    SLOW,
  );

  it("is not begun again once it has ended, and its folder takes no other", async () => {
    const { stdout } = await run(at("whole"));
    expect(JSON.parse(stdout)).toMatchObject({ told: [] });
    const path = at("whole", "plan.json");
    const plan = JSON.parse(await readFile(path, "utf8")) as object;
    await writeFile(path, JSON.stringify({ ...plan, seed: 2 }));
    expect((await run(at("whole"))).stderr).toContain("was begun with another plan: seed is 2 there and 1 now");
  });
});
