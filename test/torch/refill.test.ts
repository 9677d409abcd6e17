// Where answers end, others take their rows: the same answers in a batch of 3 as in one of all, and fewer steps.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker, workerCommand } from "#internal/torch";
import { Random } from "askew/statistics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeUntrainedModel } from "../untrained-model.js";
import { hasTorch, python } from "./python.js";

const LIMITS = [14, 2, 9, 1, 3, 12, 2, 2, 6, 1, 5];
const PROMPTS = LIMITS.map((_, row) =>
  Array.from({ length: 3 + ((5 * row) % 7) }, (_id, i) => (29 * row + 11 * i) % 200),
);
const LONGEST = Math.max(...LIMITS);

interface Drawn {
  readonly ids: number[][];
  readonly logs: number[][];
  readonly steps: number[][];
}

describe.skipIf(!hasTorch)("the torch worker's sampling", () => {
  let folder: string;
  let worker: Worker;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "askew-refill-"));
    const shape = { layers: 2, width: 32, headDim: 16, hidden: 32, maxPositions: 128, liveliness: 10 };
    await writeUntrainedModel(join(folder, "model"), shape);
    worker = await Worker.start(workerCommand(undefined, { ASKEW_PYTHON: python }));
    const adamw = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, clip: 1 };
    const settings = { device: "cpu", dtype: "float32", fourBit: false, threads: 1, adamw };
    await worker.call("open", { model: join(folder, "model"), ...settings });
  }, 300_000);
  afterAll(async () => {
    await worker.close();
    await rm(folder, { recursive: true });
  });

  async function sample(batch: number, steering: readonly object[], tensors: object): Promise<Drawn> {
    const drawn: Drawn = { ids: LIMITS.map(() => []), logs: LIMITS.map(() => []), steps: [] };
    const random = Random.of("refill");
    const uniforms = Float64Array.from({ length: LIMITS.length * LONGEST }, () => random.uniform());
    const ids = Int32Array.from(PROMPTS.flat());
    const lengths = Int32Array.from(PROMPTS, ({ length }) => length);
    await worker.call(
      "sample",
      { steering, temperature: 1, topP: 0.95, alternatives: 0, stop: [], batch },
      {
        "prompts.ids": { shape: [ids.length], data: ids },
        "prompts.lengths": { shape: [lengths.length], data: lengths },
        limits: { shape: [LIMITS.length], data: Int32Array.from(LIMITS) },
        uniforms: { shape: [LIMITS.length, LONGEST], data: uniforms },
        ...tensors,
      },
      {
        onEvent: (_event, found) => {
          const rows = found.ints("rows");
          drawn.steps.push([...rows]);
          rows.forEach((row, i) => {
            drawn.ids[row]?.push(found.ints("ids")[i] as number);
            drawn.logs[row]?.push(found.floats("logProbabilities")[i] as number);
          });
        },
      },
    );
    return drawn;
  }

  it.each([
    ["plain", [], {}],
    [
      "with a vector of each prompt's own",
      [{ layer: 0, to: 0, share: 1, capped: false, answersOnly: true }],
      {
        "steer.0.addEach": {
          shape: [LIMITS.length, 32],
          data: Float32Array.from({ length: LIMITS.length * 32 }, (_, i) => Math.sin(i)),
        },
      },
    ],
  ])("fills rows again as they end: %s", async (_what, steering, tensors) => {
    const [few, all] = [await sample(3, steering, tensors), await sample(64, steering, tensors)];
    expect(few.ids).toEqual(all.ids);
    few.logs.forEach((logs, row) => logs.forEach((log, i) => expect(log).toBeCloseTo(all.logs[row]?.[i] as number, 4)));
    expect(few.ids.map(({ length }) => length)).toEqual(LIMITS);
    // Never more rows than were asked for: askew counts on its memory.
    expect(Math.max(...few.steps.map(({ length }) => length))).toBeLessThanOrEqual(3);
    // Three by three, each batch would take as many steps as its longest answer has tokens.
    const order = LIMITS.map((limit, row) => ({ limit, length: PROMPTS[row]?.length ?? 0 }));
    const sorted = order.toSorted((a, b) => a.length - b.length).map(({ limit }) => limit);
    const inBatches = [0, 3, 6, 9].reduce((sum, at) => sum + Math.max(...sorted.slice(at, at + 3)), 0);
    const forward = few.steps.filter((rows, i) => i === 0 || rows.some((row) => few.steps[i - 1]?.includes(row)));
    expect(forward.length).toBeLessThan(inBatches);
  });
});
