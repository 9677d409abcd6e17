/**
 * Sampling with the KV cache: answers of full length from short prompts, 64 at a time.
 *
 *   npm run bench:sample -- [--threads 2] [--rows 64] [--tokens 96] [--vocabulary 578]
 */
import { Engine } from "askew/graph";
import { initialWeights, Sampler, Trainer, type TransformerConfig } from "askew/transformer";
import { interleaved, machine, option, report } from "./measure.js";

const PROMPT = 24;
const threads = option("threads", 2);
const rows = option("rows", 64);
const tokens = option("tokens", 96);
const config: TransformerConfig = {
  modelType: "llama",
  vocabSize: option("vocabulary", 578),
  width: 128,
  layers: 4,
  heads: 4,
  keyValueHeads: 4,
  headDim: 32,
  hidden: 344,
  maxPositions: 512,
  epsilon: 1e-5,
  ropeTheta: 10000,
  tied: true,
  qkvBias: false,
  eosIds: [],
};

const engine = Engine.start({ threads });
await Trainer.create({ engine, config, weights: initialWeights(config, 1), scope: "model" });
const sampler = new Sampler({ engine, config, scope: "model", rows });
const prompts = Array.from({ length: rows }, (_, row) => ({
  ids: Array.from({ length: PROMPT }, (_token, i) => (row * 31 + i * 7) % config.vocabSize),
  seed: `${row}`,
}));
const sample = (options: { temperature?: number; topP?: number }) => () =>
  sampler.sample(prompts, { maxTokens: tokens, stop: [], ...options });
const times = await interleaved(
  {
    plain: sample({}),
    nucleus: sample({ topP: 0.9 }),
    warm: sample({ temperature: 0.7, topP: 0.9 }),
    greedy: sample({ temperature: 0 }),
  },
  option("repeats", 8),
);
await engine.close();

const perSecond = (milliseconds: number): number => (1000 * rows * tokens) / milliseconds;
report(
  `sampling, width ${config.width}, ${config.layers} layers, vocabulary ${config.vocabSize}, ${rows} rows, prompts of ${PROMPT}, answers of ${tokens}, ${threads} threads, float32; ${machine()}`,
  [
    ["temperature 1 (target 15,000)", `${perSecond(times.plain).toFixed(0)} tokens/s`],
    ["temperature 1, top-p 0.9", `${perSecond(times.nucleus).toFixed(0)} tokens/s`],
    ["temperature 0.7, top-p 0.9", `${perSecond(times.warm).toFixed(0)} tokens/s`],
    ["temperature 0", `${perSecond(times.greedy).toFixed(0)} tokens/s`],
    ["one round of 64 tokens", `${(times.plain / tokens).toFixed(2)} ms`],
  ],
  {
    benchmark: "sampling",
    threads,
    rows,
    prompt: PROMPT,
    tokens,
    config,
    machine: machine(),
    node: process.version,
    tokensPerSecond: perSecond(times.plain),
    tokensPerSecondTopP: perSecond(times.nucleus),
    tokensPerSecondWarmTopP: perSecond(times.warm),
    tokensPerSecondGreedy: perSecond(times.greedy),
  },
);
