// Killed at any line it writes, a watched fine-tune carries on: the same rows, the same model and adapter, one alarm.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readModelFolder } from "askew/onnx";
import { readAdapter } from "#internal/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SLOW, temporaryFolder, writeTinyModel } from "./tiny.js";

const script = fileURLToPath(new URL("watched-crash.mjs", import.meta.url));
let work: { path: string; remove: () => Promise<void> };
const at = (...parts: string[]): string => join(work.path, ...parts);

interface Outcome {
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (folder: string, trained: string, kill: readonly string[] = [], seed = "1"): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile(process.execPath, [script, at("model"), folder, seed, trained, ...kill], (error, stdout, stderr) =>
      resolve({ signal: error?.signal ?? null, stdout, stderr }),
    );
  });

interface Row {
  readonly step: number;
  readonly signals?: Readonly<Record<string, number>>;
}

async function kept(folder: string) {
  const rows = async (name: string): Promise<Row[]> =>
    (await readFile(join(folder, name), "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => {
        const { seconds: _, ...row } = JSON.parse(line) as Row & { seconds: number };
        return row;
      });
  const bytes = async (...names: string[]): Promise<string | undefined> =>
    (await readFile(join(folder, ...names)).catch(() => undefined))?.toString("base64");
  return {
    watch: await rows("watch.jsonl"),
    training: await rows("training.jsonl"),
    model: await bytes("model", "model.safetensors"),
    adapter: await bytes("adapter", "adapter_model.safetensors"),
    alarm: JSON.parse(await readFile(join(folder, "alarm.json"), "utf8")) as object,
  };
}

beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(at("model"));
}, SLOW);
afterAll(() => work.remove());

describe.each(["all", "adapter"])("a watched fine-tune of %s", (trained) => {
  let first: Outcome;
  let whole: Awaited<ReturnType<typeof kept>>;
  const folder = `whole-${trained}`;
  beforeAll(async () => {
    first = await run(at(folder), trained);
    whole = await kept(at(folder));
  }, SLOW);

  it("has a look before its first step, every two steps, and at its end", async () => {
    expect(first.stderr).toBe("");
    const ended = { verdict: { step: 6, stopped: false, alarm: { step: 4 } }, told: [4] };
    expect(JSON.parse(first.stdout)).toMatchObject(ended);
    expect(whole.watch.map(({ step }) => step)).toEqual([0, 2, 4, 6]);
    expect(whole.training).toHaveLength(6);
    expect(whole.alarm).toMatchObject({ told: true, step: 4 });
    const turned = whole.watch.map(({ signals }) => signals?.["rotation.first"]);
    if (trained === "all") {
      expect(turned).toEqual([undefined, undefined, undefined, undefined]);
      expect(whole.adapter).toBeUndefined();
      return;
    }
    // B is zero, then first seen, then turns.
    expect(turned.slice(0, 2)).toEqual([1, expect.closeTo(1, 6)]);
    expect(turned[3]).toBeLessThan(turned[2] as number);
    const { config } = await readModelFolder(at("model"));
    expect(await readAdapter(at(folder, "adapter"), config)).toMatchObject({ rank: 2, alpha: 16, base: at("model") });
  });

  it(
    "is carried on wherever it was killed, with half a line on the disk",
    async () => {
      const killedFolder = at(`killed-${trained}`);
      let killed = 0;
      // Ten lines in all: every run gets three further, and is killed in the middle of the next.
      for (let finished = false; !finished;) {
        const { signal, stdout, stderr } = await run(killedFolder, trained, killed < 3 ? ["3"] : []);
        finished = signal === null;
        if (finished) expect(stderr).toBe("");
        else killed++;
        if (finished) expect(JSON.parse(stdout)).toMatchObject({ verdict: { step: 6 } });
      }
      expect(killed).toBe(3);
      expect(await kept(killedFolder)).toEqual(whole);
    },
    SLOW,
  );

  it("is not begun again once it has ended, and its folder takes no other", async () => {
    const { stdout } = await run(at(folder), trained);
    expect(JSON.parse(stdout)).toMatchObject({ told: [], verdict: { step: 6 } });
    expect((await run(at(folder), trained, [], "2")).stderr).toContain("was begun with another plan: seed is");
  });
});
