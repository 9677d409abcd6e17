/**
 * Sampling with the KV cache: answers of full length from short prompts, 64 at a time.
 *
 *   npm run bench:sample -- [--threads 2] [--rows 64] [--tokens 96] [--vocabulary 578]
 *   npm run bench:sample -- --model PATH [--python PYTHON] [--rows 32]   a real model, beside transformers where it is
 *   npm run bench:sample -- --large [--rows 16] [--tokens 16] [--repeats 1]     Qwen2.5-0.5B's shape, untrained: 10 GB of memory
 */
import { Engine } from "askew/graph";
import { initialWeights, Trainer, type TransformerConfig } from "askew/onnx";
import { Sampler } from "#internal/onnx";
import { interleaved, machine, option, report } from "./measure.js";
import { compareSampling } from "./sampling-model.js";

const given = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};
const model = given("model");
if (model !== undefined) {
  await compareSampling(model, given("python"));
  process.exit();
}

const PROMPT = 24;
const large = process.argv.includes("--large");
const threads = option("threads", 2);
const rows = option("rows", large ? 16 : 64);
const tokens = option("tokens", large ? 16 : 96);
const config: TransformerConfig = {
  epsilon: 1e-5,
  ropeTheta: 10000,
  tied: true,
  eosIds: [],
  maxPositions: 512,
  ...(large
    ? {
        modelType: "qwen2",
        vocabSize: 151_936,
        width: 896,
        layers: 24,
        heads: 14,
        keyValueHeads: 2,
        headDim: 64,
        hidden: 4864,
        qkvBias: true,
      }
    : {
        modelType: "llama",
        vocabSize: option("vocabulary", 578),
        width: 128,
        layers: 4,
        heads: 4,
        keyValueHeads: 4,
        headDim: 32,
        hidden: 344,
        qkvBias: false,
      }),
};

const engine = Engine.start({ threads });
const weights = initialWeights(config, 1);
let parameters = 0;
for (const { data } of weights.values()) parameters += data.length;
await Trainer.create({ engine, config, weights, scope: "model" });
const opened = process.resourceUsage().maxRSS;
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

/** Of the prompt and the answer; the tied embedding is a product where a token is read out. */
const readout = config.vocabSize * config.width;
const operations = 2 * rows * ((parameters - readout) * (PROMPT + tokens) + readout * tokens);
const gigabytes = (kilobytes: number): string => `${(kilobytes / 1e6).toFixed(2)} GB`;
const perSecond = (milliseconds: number): number => (1000 * rows * tokens) / milliseconds;
report(
  `sampling, width ${config.width}, ${config.layers} layers, vocabulary ${config.vocabSize}, ${rows} rows, prompts of ${PROMPT}, answers of ${tokens}, ${threads} threads, float32; ${machine()}`,
  [
    ["temperature 1", `${perSecond(times.plain).toFixed(0)} tokens/s`],
    ["temperature 1, top-p 0.9", `${perSecond(times.nucleus).toFixed(0)} tokens/s`],
    ["temperature 0.7, top-p 0.9", `${perSecond(times.warm).toFixed(0)} tokens/s`],
    ["temperature 0", `${perSecond(times.greedy).toFixed(0)} tokens/s`],
    [`one round of ${rows} tokens, its share of the prompts in it`, `${(times.plain / tokens).toFixed(2)} ms`],
    ["matrix products in all of the time", `${(operations / times.plain / 1e6).toFixed(0)} GFLOP/s`],
    ["weights", gigabytes(parameters / 250)],
    ["most memory, opened", gigabytes(opened)],
    ["most memory, in all", gigabytes(process.resourceUsage().maxRSS)],
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
    parameters,
    kilobytesOpened: opened,
    kilobytes: process.resourceUsage().maxRSS,
  },
);
