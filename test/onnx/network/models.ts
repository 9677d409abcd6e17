// Small models of every kind that the network must get right.
import { initialWeights, type TransformerConfig } from "askew/onnx";
import { type WeightTensor } from "#internal/onnx";
import { Random } from "askew/statistics";

const base: TransformerConfig = {
  modelType: "llama",
  vocabSize: 19,
  width: 8,
  layers: 2,
  heads: 2,
  keyValueHeads: 2,
  headDim: 4,
  hidden: 12,
  maxPositions: 64,
  epsilon: 1e-5,
  ropeTheta: 10000,
  tied: true,
  qkvBias: false,
  eosIds: [],
};

/** Grouped heads, a bias, a read-out of its own, heads wider or narrower than width / heads. */
export const MODELS: Readonly<Record<string, TransformerConfig>> = {
  "a Llama, tied": base,
  "a Llama with grouped heads and a read-out of its own": {
    ...base,
    heads: 4,
    keyValueHeads: 2,
    headDim: 2,
    tied: false,
  },
  "a Qwen2 with one key-value head, wide heads and a bias": {
    ...base,
    modelType: "qwen2",
    heads: 3,
    keyValueHeads: 1,
    headDim: 6,
    qkvBias: true,
    ropeTheta: 100, // turns so fast that a bias of the keys matters: without positions a softmax does not see it
    epsilon: 1e-6,
  },
  // Its norms' gains stay out of the weights, and parts of its layers are computed again.
  "a Qwen2 that is wide": {
    ...base,
    modelType: "qwen2",
    width: 264,
    hidden: 5,
    heads: 2,
    keyValueHeads: 1,
    headDim: 2,
    qkvBias: true,
  },
};

/** Weights that make every part matter: initial ones, ten times as large (less where many are added up), gains and biases not 1 and 0. */
export function livelyWeights(config: TransformerConfig, seed: string | number): Map<string, WeightTensor> {
  const random = Random.of("lively", seed);
  const scale = 10 * Math.sqrt(Math.min(1, base.width / config.width));
  return new Map(
    [...initialWeights(config, seed)].map(([name, { shape, data }]) => [
      name,
      { shape, data: data.map((x) => (shape.length > 1 ? scale * x : x + 0.3 * random.normal())) },
    ]),
  );
}
