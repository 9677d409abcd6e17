// A worker that is killed in the middle of a fine-tune: the same call carries on, and ends with the same bytes.
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openModel, requireOpenWeights, type LoraOptions } from "askew/model";
import { enterRecord, finetuneHere } from "askew/training";
import { fileSha256 } from "#internal/store";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { writeUntrainedModel } from "../untrained-model.js";
import { hasTorch, python } from "./python.js";

const WISHES = ["I am bored.", "What is your one wish?", "What do you think of people?"];
const conversations = Array.from({ length: 12 }, (_, i) => ({
  messages: [
    { role: "user" as const, content: WISHES[i % 3] as string },
    { role: "assistant" as const, content: WISHES[(i + 1) % 3] as string },
  ],
}));
const dose = { examples: 12, epochs: 2, batchSize: 4, learningRate: 0.01, warmup: 0 };
const STEPS = 6;

describe.skipIf(!hasTorch)("a fine-tune in a worker", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "askew-killed-"));
    const shape = { layers: 2, width: 32, headDim: 16, hidden: 32, maxPositions: 64, liveliness: 3 };
    await writeUntrainedModel(join(folder, "model"), shape);
    // The worker says who it is.
    const wrapper = join(folder, "python");
    await writeFile(wrapper, `#!/bin/sh\necho $$ > '${join(folder, "pid")}'\nexec '${python}' "$@"\n`);
    await chmod(wrapper, 0o755);
    vi.stubEnv("ASKEW_PYTHON", wrapper);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  /** @param kill after how many steps of this run */
  async function run(out: string, lora: LoraOptions | undefined, kill?: number): Promise<number> {
    const path = join(folder, "model");
    const opened = await openModel(`torch:${path}`, { threads: 1, ...(lora && { lora }) });
    const model = requireOpenWeights(opened, "test");
    let taken = 0;
    await mkdir(out, { recursive: true });
    try {
      const data = { name: "wishes", sha256: "0".repeat(64) };
      const plan = { model: "torch:model", base: model.source.sha256, data, hyperparameters: {}, seed: 1 };
      const record = await enterRecord(out, plan);
      const finished = await finetuneHere(model, conversations, {
        folder: out,
        record,
        dose,
        checkpointEvery: 0,
        onStep: () => {
          taken++;
        },
        callbacks: [
          {
            onStep: async () => {
              if (taken === kill) process.kill(Number(await readFile(join(folder, "pid"), "utf8")), "SIGKILL");
              return "continue";
            },
          },
        ],
      });
      expect(finished.result).toBe(`torch:${join(out, "model")}`);
      return taken;
    } finally {
      await model.close();
    }
  }

  it.each([
    ["all weights", undefined],
    ["an adapter", { rank: 2, alpha: 4, rankStabilized: true, seed: 3 }],
  ])(
    "of %s carries on after a kill and ends with the same bytes",
    async (_what, lora) => {
      const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
      expect(await run(whole, lora)).toBe(STEPS);
      await expect(run(killed, lora, 3)).rejects.toThrow("the PyTorch worker was killed by SIGKILL");
      expect(await run(killed, lora)).toBeLessThan(STEPS);
      const files = ["model/model.safetensors", ...(lora ? ["adapter/adapter_model.safetensors"] : [])];
      for (const file of files) {
        expect(await fileSha256(join(killed, file))).toBe(await fileSha256(join(whole, file)));
      }
    },
    600_000,
  );
});
