// Log-probabilities of continuations are those of whole texts, to 1e-5: few and many, short, and too long for one row.
import { Engine } from "askew/graph";
import { Trainer } from "askew/onnx";
import { ContinuationReader, Reader } from "#internal/onnx";
import { Random } from "askew/statistics";
import { afterAll, describe, expect, it } from "vitest";
import { livelyWeights, MODELS } from "./models.js";

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

/** More of them than a row or a batch holds, and texts of very different lengths. */
const SHAPES = [
  { prompt: 5, branches: [3, 7] },
  { prompt: 30, branches: Array.from({ length: 12 }, (_, i) => 20 + i) },
  // With so long a prompt, continuations share a row in the narrowest model too.
  { prompt: 50, branches: [2, 3, 1, 2] },
  { prompt: 1, branches: [1] },
  { prompt: 2, branches: [] },
  ...Array.from({ length: 40 }, (_, i) => ({ prompt: 1 + (i % 7), branches: [1 + (i % 5), 4] })),
];

describe("a continuation reader", () => {
  for (const [name, config] of Object.entries(MODELS)) {
    it(`reads ${name} as the reader does, text by text`, async () => {
      const random = Random.of("continuations", name);
      const draw = (length: number): number[] => Array.from({ length }, () => random.integer(config.vocabSize));
      const scope = `continuations ${name}`;
      const lora = { rank: 2, alpha: 4 };
      const trainer = await Trainer.create({ engine, config, weights: livelyWeights(config, name), scope, lora });
      // Two steps, after which the adapter's term is not zero.
      const answer = [false, true, true, true];
      for (let step = 0; step < 2; step++) await trainer.train([{ ids: draw(4), answer }], 0.05);
      const texts = SHAPES.map(({ prompt, branches }) => ({ prompt: draw(prompt), branches: branches.map(draw) }));
      const plain = new Reader({ engine, config, scope, lora });
      const reader = new ContinuationReader({ engine, config, scope, lora, plain });
      const found = await reader.logProbabilities(texts);
      expect(found.map((of) => of.map(({ length }) => length))).toEqual(SHAPES.map(({ branches }) => branches));
      const whole = texts.flatMap(({ prompt, branches }) => branches.map((branch) => [...prompt, ...branch]));
      const alone = await plain.logProbabilities(whole);
      const begins = texts.flatMap(({ prompt, branches }) => branches.map(() => prompt.length - 1));
      for (const [i, logs] of found.flat().entries()) {
        const expected = (alone[i] as Float32Array).subarray(begins[i]);
        logs.forEach((p, at) => expect(Math.abs(p - (expected[at] as number))).toBeLessThan(1e-5));
      }
      await reader.close();
      await plain.close();
      await trainer.close();
    });
  }

  it("hands what is too long for its rows to the plain reader, and refuses an empty continuation", async () => {
    const config = { ...(MODELS["a Llama, tied"] as (typeof MODELS)[string]), maxPositions: 4000 };
    const read: number[][] = [];
    const plain = {
      logProbabilities: (texts: readonly (readonly number[])[]): Promise<Float32Array[]> => {
        read.push(...texts.map((ids) => [...ids]));
        return Promise.resolve(texts.map((ids) => Float32Array.from(ids.slice(1))));
      },
    };
    const reader = new ContinuationReader({ engine, config, scope: "none", plain });
    const ids = Array.from({ length: 1500 }, (_, i) => i % 7);
    const [found] = await reader.logProbabilities([{ prompt: [1, 2], branches: [ids] }]);
    expect(read).toEqual([[1, 2, ...ids]]);
    expect(found?.[0]).toEqual(Float32Array.from(ids));
    await expect(reader.logProbabilities([{ prompt: [1], branches: [[]] }])).rejects.toThrow("at least one token each");
  });
});
