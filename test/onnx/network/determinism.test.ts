import { Engine } from "askew/graph";
import { Trainer, type TransformerConfig } from "askew/onnx";
import { type WeightTensor } from "#internal/onnx";
import { Random } from "askew/statistics";
import { describe, expect, it } from "vitest";
import { livelyWeights, MODELS } from "./models.js";

/** Large enough that the runtime shares the work out among threads. */
const config: TransformerConfig = {
  ...(MODELS["a Llama, tied"] as TransformerConfig),
  vocabSize: 300,
  width: 64,
  heads: 4,
  keyValueHeads: 2,
  headDim: 16,
  hidden: 96,
};

async function fiveSteps(threads: number): Promise<{ losses: number[]; weights: Map<string, WeightTensor> }> {
  const engine = Engine.start({ threads });
  const random = Random.of("determinism");
  const trainer = await Trainer.create({ engine, config, weights: livelyWeights(config, 1) });
  const losses: number[] = [];
  for (let step = 0; step < 5; step++) {
    const rows = Array.from({ length: 8 }, () => ({
      ids: Array.from({ length: 40 }, () => random.integer(config.vocabSize)),
      answer: Array.from({ length: 40 }, () => true),
    }));
    losses.push((await trainer.train(rows, 1e-3)).loss);
  }
  const weights = await trainer.weights();
  await engine.close();
  return { losses, weights };
}

describe("the same seed and the same threads", () => {
  for (const threads of [1, 2]) {
    it(`give the same bytes after five training steps (${threads})`, async () => {
      const first = await fiveSteps(threads);
      const second = await fiveSteps(threads);
      expect(second.losses).toEqual(first.losses);
      expect(second.weights).toEqual(first.weights);
    });
  }
});
