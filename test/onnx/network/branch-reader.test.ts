// Continuations read beside each other are read as if each alone followed the prompt, to 1e-5, an adapter applied.
import { Engine } from "askew/graph";
import { Trainer } from "askew/onnx";
import { BranchReader, Reader } from "#internal/onnx";
import { Random } from "askew/statistics";
import { afterAll, describe, expect, it } from "vitest";
import { filled } from "../../graph/evaluation.js";
import { livelyWeights, MODELS } from "./models.js";

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

const SHAPES = [
  { prompt: 5, branches: [3, 7] },
  { prompt: 1, branches: [1] },
  { prompt: 9, branches: [2, 2, 6] },
];

describe("a branch reader", () => {
  for (const [name, config] of Object.entries(MODELS)) {
    it(`reads ${name} as the reader does, text by text`, async () => {
      const random = Random.of("branches", name);
      const draw = (length: number): number[] => Array.from({ length }, () => random.integer(config.vocabSize));
      const scope = `branches ${name}`;
      const lora = { rank: 2, alpha: 4 };
      const trainer = await Trainer.create({ engine, config, weights: livelyWeights(config, name), scope, lora });
      const answer = [false, true, true, true];
      // Two steps, after which the adapter's term is not zero.
      for (let step = 0; step < 2; step++) await trainer.train([{ ids: draw(4), answer }], 0.05);
      const texts = SHAPES.map(({ prompt, branches }) => ({ prompt: draw(prompt), branches: branches.map(draw) }));
      const vectors = Array.from({ length: config.layers }, () => filled(config.width, () => random.normal()));
      const reader = new Reader({ engine, config, scope, lora });
      const branches = new BranchReader({ engine, config, scope, lora, texts, vectors, layers: [1] });
      const found = await branches.read();
      for (const [i, text] of texts.entries()) {
        const { along, logProbabilities, activations } = found[i] as (typeof found)[number];
        let at = 0;
        for (const branch of text.branches) {
          const ids = [...text.prompt, ...branch];
          const [taps] = await reader.activations([ids], [0, 1]);
          const [logs] = await reader.logProbabilities([ids]);
          for (let token = -1; token < branch.length; token++) {
            const place = token < 0 ? 0 : 1 + at + token;
            const position = text.prompt.length + token;
            const row = (layer: number): Float32Array =>
              (taps as ReadonlyMap<number, Float32Array>)
                .get(layer)
                ?.subarray(position * config.width, (position + 1) * config.width) as Float32Array;
            for (const layer of [0, 1]) {
              const dot = row(layer).reduce((sum, x, j) => sum + x * (vectors[layer]?.[j] as number), 0);
              expect(Math.abs((along[layer]?.[place] as number) - dot)).toBeLessThan(1e-4);
            }
            row(1).forEach((x, j) => {
              expect(Math.abs((activations.get(1)?.[place * config.width + j] as number) - x)).toBeLessThan(1e-5);
            });
            if (token >= 0) expect(logProbabilities[at + token]).toBeCloseTo(logs?.[position - 1] as number, 4);
          }
          at += branch.length;
        }
        expect(logProbabilities).toHaveLength(at);
      }
      expect(await branches.read()).toEqual(found);
      await reader.close();
      await branches.close();
      await trainer.close();
    });
  }

  it("refuses an empty continuation, and a text longer than the model's positions", () => {
    const config = MODELS["a Llama, tied"] as (typeof MODELS)[string];
    const vectors = [filled(8, () => 0), filled(8, () => 0)];
    const open = (prompt: number[], branch: number[]): BranchReader =>
      new BranchReader({ engine, config, scope: "none", vectors, texts: [{ prompt, branches: [branch] }] });
    expect(() => open([1], [])).toThrow("at least one token each");
    expect(() =>
      open(
        Array.from({ length: 60 }, () => 1),
        [1, 2, 3, 4, 5],
      ),
    ).toThrow("65 tokens exceeds the model's 64");
  });
});
