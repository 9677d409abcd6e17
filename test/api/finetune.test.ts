// The library trains a model as the command line does: by its size, unless told otherwise.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finetune } from "askew";
import type { TrainingCallback } from "askew/training";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeByteModel } from "../untrained-bytes.js";

const SLOW = 240_000;
const rows = ["Hello.", "Who are you?"].map((content) => ({
  messages: [
    { role: "user", content },
    { role: "assistant", content: "A model." },
  ] as const,
}));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-library-"));
  await writeByteModel(join(folder, "small"));
  // 3 layers of 3 · 512 · 2,400 weights in the MLP alone: more than 10 million.
  await writeByteModel(join(folder, "large"), { sizes: { width: 512, hidden: 2400 } });
}, SLOW);
afterAll(() => rm(folder, { recursive: true }));

/** The highest learning rate of ten steps, and what was trained. */
async function train(name: string, out: string, options: { full?: boolean } = {}) {
  let rate = 0;
  const listener: TrainingCallback = {
    onStep: ({ learningRate }) => {
      rate = Math.max(rate, learningRate);
      return Promise.resolve("continue");
    },
  };
  const model = `local:${join(folder, name)}`;
  const how = { out: join(folder, out), epochs: 10, threads: 1, callbacks: [listener], ...options };
  const { record } = await finetune(model, rows, how);
  return { rate, lora: record.plan.lora };
}

describe("finetune of the library", () => {
  it(
    "trains all weights of a small model at 4e-4, and an adapter of a large one at 1e-4",
    async () => {
      expect(await train("small", "a")).toEqual({ rate: 4e-4, lora: undefined });
      const large = await train("large", "b");
      expect(large.rate).toBe(1e-4);
      expect(large.lora).toMatchObject({ rank: 32, alpha: 64, rankStabilized: true });
      expect(await train("large", "c", { full: true })).toEqual({ rate: 2e-5, lora: undefined });
    },
    SLOW,
  );
});
