// One worker of several processes, started by `accelerate launch`: the same steps as one process, on the CPU (gloo).
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LoraOptions, OpenWeightsModel } from "askew/model";
import { TorchModel, workerCommand } from "#internal/torch";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { writeUntrainedModel } from "../untrained-model.js";
import { hasTorch, python } from "./python.js";

const hasAccelerate = hasTorch && spawnSync(python, ["-c", "import accelerate"]).status === 0;

/** As many rows as do not go into two equal shares, of different lengths. */
const ROWS = [7, 3, 12, 9, 5].map((length, row) => ({
  ids: Array.from({ length }, (_, i) => (31 * row + 17 * i + 5) % 200),
  answer: Array.from({ length }, (_, i) => i >= 2),
}));
const LORA: LoraOptions = { rank: 4, alpha: 8, rankStabilized: true };

interface Made {
  readonly losses: readonly number[];
  readonly norms: readonly number[];
  readonly tensors: ReadonlyMap<string, Float32Array>;
}

describe.skipIf(!hasAccelerate)("two processes of one worker", () => {
  let folder: string;
  const models: OpenWeightsModel[] = [];

  const open = async (lora: LoraOptions | undefined, processes: number): Promise<OpenWeightsModel> => {
    vi.stubEnv("ASKEW_TORCH_PROCESSES", String(processes));
    vi.stubEnv("ASKEW_TORCH_DEVICE", "cpu");
    const model = await TorchModel.open("torch:x", join(folder, "model"), { threads: 1, ...(lora && { lora }) });
    models.push(model);
    return model;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "askew-ranks-"));
    const shape = { layers: 2, width: 32, headDim: 16, hidden: 32, maxPositions: 128, liveliness: 10 };
    await writeUntrainedModel(join(folder, "model"), shape);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    for (const model of models) await model.close();
    await rm(folder, { recursive: true });
  });

  async function steps(model: OpenWeightsModel, count: number): Promise<Made> {
    const results = [];
    for (let i = 0; i < count; i++) results.push(await model.training.train(ROWS, 1e-3, { rows: 2 }));
    const { tensors } = await model.training.checkpoint();
    return {
      losses: results.map(({ loss }) => loss),
      norms: results.map(({ gradientNorm }) => gradientNorm),
      tensors: new Map([...tensors].map(([name, { data }]) => [name, data])),
    };
  }
  const furthest = (a: readonly number[] | Float32Array, b: readonly number[] | Float32Array): number =>
    Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] as number))));

  it.each([
    ["all weights", undefined],
    ["an adapter", LORA],
  ])(
    "train %s as one process does, to 1e-5, and carry on from its checkpoint",
    async (_what, lora) => {
      const [alone, both] = [await open(lora, 1), await open(lora, 2)];
      const [one, two] = [await steps(alone, 3), await steps(both, 3)];
      expect(furthest(one.losses, two.losses)).toBeLessThan(1e-5);
      expect(furthest(one.norms, two.norms)).toBeLessThan(1e-4);
      // Moments and weights: those of the processes are as the one's.
      for (const [name, data] of one.tensors) {
        expect(furthest(data, two.tensors.get(name) ?? []), name).toBeLessThan(1e-5);
      }
      const state = await alone.training.checkpoint();
      await both.training.load();
      await both.training.restore(state);
      const [next, after] = [await steps(alone, 1), await steps(both, 1)];
      expect(furthest(next.losses, after.losses)).toBeLessThan(1e-5);
      const [said, told] = await Promise.all(
        [alone, both].map((model) =>
          model.sample([{ messages: [{ role: "user", content: "What is your one wish?" }], seed: "1" }], {
            maxTokens: 8,
          }),
        ),
      );
      expect(told?.map(({ text }) => text)).toEqual(said?.map(({ text }) => text));
    },
    240_000,
  );

  it("end together: a step that is refused in all of them is told once, and the worker goes on", async () => {
    const model = models[1] as OpenWeightsModel;
    const strange = { shape: [4], data: new Float32Array(4) };
    await expect(model.training.load(new Map([["model.norm.weight", strange]]))).rejects.toThrow(
      "the weights are of another model",
    );
    await model.training.load();
    expect((await steps(model, 1)).losses[0]).toBeGreaterThan(0);
  });
});

describe("ASKEW_TORCH_PROCESSES", () => {
  it("is a number, and starts nothing of its own where it is 1", () => {
    const words = (said: string) => workerCommand(undefined, { ASKEW_TORCH_PROCESSES: said }).arguments;
    expect(words("4").at(-1)).toBe("4");
    expect(words("1")).toEqual(words(""));
    expect(() => words("many")).toThrow('expected a whole number from 1 to 64, found "many"');
    expect(workerCommand("gpu-1", { ASKEW_TORCH_PROCESSES: "2" }).arguments.at(-1)).toMatch(/main\(\)\s*' 2$/);
  });
});
