import { Engine } from "askew/graph";
import { Trainer, type TransformerConfig, type TrainingRow } from "askew/onnx";
import { type WeightTensor } from "#internal/onnx";
import { Random } from "askew/statistics";
import { afterAll, describe, expect, it } from "vitest";
import { distance } from "../../graph/evaluation.js";
import { logSoftmax } from "../../graph/reference.js";
import { parameter, plainAdamW } from "../../graph/reference-adamw.js";
import { Tape, type Scalar } from "../../graph/tape.js";
import { livelyWeights, MODELS } from "./models.js";
import { decode, onTape } from "./reference.js";

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

/** Rows of different lengths; some tokens are answered for. */
function batch(config: TransformerConfig, seed: number): TrainingRow[] {
  const random = Random.of("rows", seed);
  return [7, 4, 9].map((length) => ({
    ids: Array.from({ length }, () => random.integer(config.vocabSize)),
    answer: Array.from({ length }, (_, i) => i > 1 && random.uniform() < 0.7),
  }));
}

/** Mean negative log-likelihood of the answered tokens. */
function referenceLoss(
  t: Tape,
  config: TransformerConfig,
  weights: Map<string, Scalar[]>,
  rows: readonly TrainingRow[],
): Scalar {
  const terms = rows.flatMap(({ ids, answer }) => {
    const { logits } = decode(t, config, weights, ids);
    return ids.flatMap((id, i) =>
      i > 0 && answer[i] ? [t.scale(logSoftmax(t, logits[i - 1] as Scalar[])[id] as Scalar, -1)] : [],
    );
  });
  return t.scale(t.sum(terms), 1 / terms.length);
}

describe("training agrees with an independent float64 implementation over four steps", () => {
  for (const [name, config] of Object.entries(MODELS)) {
    // Where gradients are tiny, AdamW makes much of how they are rounded.
    const tolerance = config.width > 256 ? 1e-4 : 1e-5;
    it(`${name}: loss and norm to 1e-5, parameters to ${tolerance} of the largest`, async () => {
      const weights = livelyWeights(config, name);
      const options = { weightDecay: 0.1, clip: 0.5 };
      const trainer = await Trainer.create({ engine, config, weights, scope: name, adamw: options });
      const plain = new Map([...weights].map(([key, { shape, data }]) => [key, parameter(shape, data)]));
      for (let step = 1; step <= 4; step++) {
        const rows = batch(config, step);
        const rate = 1e-2 / step;
        const found = await trainer.train(rows, rate);

        const t = new Tape();
        const taped = onTape(
          t,
          new Map(
            [...plain].map(([key, { shape, value }]) => [key, { shape, data: value as unknown as Float32Array }]),
          ),
        );
        const loss = referenceLoss(t, config, taped, rows);
        const gradient = t.gradient(loss);
        const gradients = new Map([...taped].map(([key, scalars]) => [key, scalars.map((x) => gradient[x] as number)]));
        const norm = plainAdamW(plain, gradients, rate, step, options);
        expect(distance([found.loss], [t.value(loss)])).toBeLessThan(1e-5);
        expect(distance([found.gradientNorm], [norm])).toBeLessThan(1e-5);
      }
      const after = await trainer.weights();
      expect([...after.keys()].toSorted()).toEqual([...plain.keys()].toSorted());
      for (const [key, { shape, value }] of plain) {
        const tensor = after.get(key) as WeightTensor;
        expect(tensor.shape).toEqual(shape);
        expect(distance(tensor.data, value), key).toBeLessThan(tolerance);
      }
      await trainer.close();
    });
  }
});
