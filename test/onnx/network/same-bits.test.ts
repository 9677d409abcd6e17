// An answer is the same to the last bit, whatever is computed beside it and with however many threads.
import { Engine } from "askew/graph";
import { Trainer, type TransformerConfig } from "askew/onnx";
import { Sampler, type SampledRow } from "#internal/onnx";
import { Random } from "askew/statistics";
import { afterAll, describe, expect, it } from "vitest";
import { livelyWeights, MODELS } from "./models.js";

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

const tied = MODELS["a Llama, tied"] as TransformerConfig;
const random = Random.of("same bits");
const ids = (length: number): number[] => Array.from({ length }, () => random.integer(tied.vocabSize));

describe("an answer is the same to the last bit", () => {
  it("a batch that shrinks as answers end, and reads a prompt once for all its answers, changes no bit", async () => {
    await Trainer.create({ engine, config: tied, weights: livelyWeights(tied, 1), scope: "tied" });
    const sampler = new Sampler({ engine, config: tied, scope: "tied", rows: 40 });
    const prompts = [3, 17, 1, 9, 30].map(ids);
    const many = Array.from({ length: 40 }, (_, i) => ({
      ids: prompts[i % 5] as number[],
      seed: `many ${i}`,
      maxTokens: 1 + ((i * 7) % 24),
    }));
    const own = { stop: [0], temperature: 0.9 };
    const whole = await sampler.sample(many, own);
    expect(new Set(whole.map(({ ids: said }) => said.join())).size).toBeGreaterThan(20);
    // Two calls of other batches, in which other answers end beside them.
    const halves = [0, 1].map((half) => many.map((_, i) => i).filter((i) => i % 2 === half));
    for (const half of halves) {
      const rows = await sampler.sample(
        half.map((i) => many[i] as (typeof many)[number]),
        own,
      );
      expect(rows).toEqual(half.map((i) => whole[i]));
    }
  });

  it("a wide model, whose products the runtime adds up in blocks, says the same in batches of any size", async () => {
    const config = { ...tied, width: 640, headDim: 32, heads: 4, keyValueHeads: 2, hidden: 1100, layers: 1 };
    await Trainer.create({ engine, config, weights: livelyWeights(config, 1), scope: "wide" });
    const given = Array.from({ length: 70 }, (_, i) => ({ ids: ids(5), seed: `wide ${i}`, maxTokens: 1 + (i % 5) }));
    const of = (rows: number | number[]): Promise<SampledRow[]> =>
      new Sampler({ engine, config, scope: "wide", rows }).sample(given, { stop: [], temperature: 0.9 });
    const whole = await of(64);
    expect(new Set(whole.map(({ ids: said }) => said.join())).size).toBeGreaterThan(20);
    for (const rows of [8, 17, [2, 33]]) expect(await of(rows)).toEqual(whole);
  });

  it("calls that overlap share batches, and say what they say alone", async () => {
    const sampler = new Sampler({ engine, config: tied, scope: "tied", rows: 16 });
    const text = ids(6);
    const calls = [0.7, 1, 0, 1.4].map((temperature, call) => ({
      prompts: Array.from({ length: 7 + call }, (_, i) => ({
        ids: i % 2 === 0 ? text : text.slice(call),
        seed: `call ${call}, ${i}`,
        maxTokens: 3 + ((i * 5) % 17),
      })),
      options: { temperature, stop: [0] },
    }));
    const alone: SampledRow[][] = [];
    for (const { prompts, options } of calls) alone.push(await sampler.sample(prompts, options));
    expect(await Promise.all(calls.map(({ prompts, options }) => sampler.sample(prompts, options)))).toEqual(alone);
  });

  it("any number of threads gives the same bits, in a narrow model too", async () => {
    const config = { ...tied, width: 128, headDim: 32, heads: 4, keyValueHeads: 2, hidden: 448, layers: 1 };
    const given = Array.from({ length: 24 }, (_, i) => ({ ids: ids(9), seed: `threads ${i}`, maxTokens: 2 + i }));
    const found: SampledRow[][] = [];
    for (const threads of [1, 2, 3]) {
      const own = Engine.start({ threads });
      await Trainer.create({ engine: own, config, weights: livelyWeights(config, 1), scope: "own" });
      found.push(await new Sampler({ engine: own, config, scope: "own" }).sample(given, { stop: [] }));
      await own.close();
    }
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
  });
});
