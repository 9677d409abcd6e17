// What a sampler tells of each token while it samples, and batches of several sizes.
import { Engine } from "askew/graph";
import { Trainer, type TransformerConfig } from "askew/onnx";
import {
  Reader,
  Sampler,
  type PromptRow,
  type SampledRow,
  type SampledToken,
  type SamplingOptions,
} from "#internal/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Tape } from "../../graph/tape.js";
import { livelyWeights, MODELS } from "./models.js";
import { decode, onTape } from "./reference.js";

const engine = Engine.start({ threads: 1 });
const tied = MODELS["a Llama, tied"] as TransformerConfig;
const scope = "lively";
beforeAll(() => Trainer.create({ engine, config: tied, weights: livelyWeights(tied, 1), scope }));
afterAll(() => engine.close());

const prompts: PromptRow[] = [3, 17, 1, 9, 30, 4, 4].map((length, row) => ({
  ids: Array.from({ length }, (_, i) => (row * 7 + i * 5) % tied.vocabSize),
  seed: `prompt ${row}`,
}));

const sample = (rows: number, given: readonly PromptRow[], options: SamplingOptions): Promise<SampledRow[]> =>
  new Sampler({ engine, config: tied, scope, rows }).sample(given, options);

describe("what else could have stood there", () => {
  it("is the forward pass's likeliest tokens at every place, at temperature 1, whatever was sampled with", async () => {
    const prompt = { ids: [5, 11, 2], seed: "alternatives" };
    const heard: SampledToken[] = [];
    const options = { temperature: 0.5, topP: 0.8, maxTokens: 6, stop: [], alternatives: 5 };
    const onToken = (_index: number, token: SampledToken): boolean => {
      heard.push(token);
      return false;
    };
    const [row] = await sample(4, [prompt], { ...options, onToken });
    expect(heard.map(({ id }) => id)).toEqual(row?.ids);
    expect(heard.map(({ logProbability }) => logProbability)).toEqual(row?.logProbabilities);
    heard.forEach(({ alternatives, id, logProbability }, at) => {
      const t = new Tape();
      const before = [...prompt.ids, ...(row?.ids.slice(0, at) ?? [])];
      const { logits } = decode(t, tied, onTape(t, livelyWeights(tied, 1)), before);
      const powers = Array.from(t.values(logits.at(-1) ?? []), Math.exp);
      const total = powers.reduce((a, b) => a + b, 0);
      const wanted = [...powers.keys()].toSorted((a, b) => (powers[b] as number) - (powers[a] as number)).slice(0, 5);
      expect(alternatives.map((other) => other.id)).toEqual(wanted);
      for (const other of alternatives)
        expect(other.logProbability).toBeCloseTo(Math.log((powers[other.id] as number) / total), 4);
      const own = alternatives.find((other) => other.id === id);
      if (own) expect(own.logProbability).toBe(logProbability);
    });
    // Asking changes nothing.
    expect(await sample(4, [prompt], { ...options, alternatives: 0 })).toEqual([row]);
  });

  it("ends an answer where the listener says so, and none of the others", async () => {
    const options = { maxTokens: 10, stop: [] };
    const whole = await sample(8, prompts, options);
    const heard = prompts.map(() => 0);
    const cut = await sample(8, prompts, {
      ...options,
      onToken: (index) => ++(heard[index] as number) === 3 && index === 2,
    });
    cut.forEach((row, i) => {
      expect(row.ids).toEqual(i === 2 ? whole[i]?.ids.slice(0, 3) : whole[i]?.ids);
      expect(row.finish).toBe(i === 2 ? "stop" : "length");
    });
  });

  it("several sizes of batch say the same", async () => {
    const options = { maxTokens: 8, stop: [0], temperature: 0.7 };
    const one = new Sampler({ engine, config: tied, scope, rows: 8 });
    const several = new Sampler({ engine, config: tied, scope, rows: [4, 2, 8] });
    for (const count of [1, 3, 7])
      expect((await several.sample(prompts.slice(0, count), options)).map((row) => row.ids)).toEqual(
        (await one.sample(prompts.slice(0, count), options)).map((row) => row.ids),
      );
    await several.close();
  });

  it("survives more shapes of batch than are kept ready", async () => {
    const one = new Sampler({ engine, config: tied, scope, rows: 2 });
    const texts = async (): Promise<number[][]> => {
      const rows: number[][] = [];
      for (let most = 1; most < 60; most += 7)
        for (const length of [1, 17, 33, 49].filter((n) => n + most <= 64))
          for (const temperature of [1, 0.9]) {
            const prompt = { ids: Array.from({ length }, (_, i) => (i * 5) % tied.vocabSize), seed: "shapes" };
            const [row] = await one.sample([prompt], { maxTokens: most, stop: [], temperature });
            rows.push(row?.ids ?? []);
          }
      return rows;
    };
    expect(await texts()).toEqual(await texts());
  });

  it("an answer that outgrows its cache goes on in a larger one as the forward pass would", async () => {
    const config = { ...tied, maxPositions: 256 };
    const long = new Sampler({ engine, config, scope, rows: 2 });
    const two = prompts.slice(0, 2);
    const options = { stop: [], temperature: 0.9 };
    const rows = await long.sample(two, { ...options, maxTokens: 150 });
    const short = await long.sample(two, { ...options, maxTokens: 128 });
    const reader = new Reader({ engine, config, scope });
    const scored = await reader.logProbabilities(rows.map(({ ids }, i) => [...(two[i]?.ids ?? []), ...ids]));
    rows.forEach(({ ids, logProbabilities, finish }, i) => {
      expect([ids.length, finish]).toEqual([150, "length"]);
      expect(ids.slice(0, 128)).toEqual(short[i]?.ids);
      const wanted = scored[i]?.slice((two[i]?.ids.length ?? 0) - 1) as Float32Array;
      logProbabilities.forEach((p, at) => expect(Math.abs(p - (wanted[at] as number))).toBeLessThan(1e-4));
    });
  });
});
