// The loss of GRPO and its gradient: closed forms, finite differences, and an independent float64 implementation on a tape.
import { Engine } from "askew/graph";
import { Trainer, type TrainingRow, type TransformerConfig } from "askew/onnx";
import { Reader, type WeightTensor } from "#internal/onnx";
import { advantagesOf, policyLoss, type AnswerTokens } from "#internal/training";
import { Random } from "askew/statistics";
import { afterAll, describe, expect, it } from "vitest";
import { distance } from "../../graph/evaluation.js";
import { logSoftmax } from "../../graph/reference.js";
import { parameter, plainAdamW } from "../../graph/reference-adamw.js";
import { Tape, type Scalar } from "../../graph/tape.js";
import { livelyWeights, MODELS } from "../../onnx/network/models.js";
import { decode, onTape } from "../../onnx/network/reference.js";

describe("advantages", () => {
  it("are rewards less the mean of their group, over the deviation of a sample", () => {
    // Group 1: mean .5, deviation √(1/3) = .57735. Group 2 has equals.
    const found = advantagesOf([1, 0, 0, 1, 3, 3, 3, 3], 4);
    expect(found.slice(0, 4)).toEqual([1, -1, -1, 1].map((sign) => (sign * 0.5) / (Math.sqrt(1 / 3) + 1e-4)));
    expect(found.slice(4)).toEqual([0, 0, 0, 0]);
  });

  it("leave out of a group what has no reward, which is not the same as 0", () => {
    const [none, high, low] = advantagesOf([null, 2, 0, null], 4);
    expect(none).toBe(0);
    expect(high).toBeCloseTo(1 / (Math.SQRT2 + 1e-4), 12);
    expect(low).toBeCloseTo(-1 / (Math.SQRT2 + 1e-4), 12);
    expect(advantagesOf([null, 5, null, null], 4)).toEqual([0, 0, 0, 0]);
  });
});

const drawn = (random: Random, count: number, spread: number): number[] =>
  Array.from({ length: count }, () => -2 + spread * random.normal());

/** Answers far enough from the model that sampled them that both sides of the clip count. */
function answersOf(seed: string): AnswerTokens[] {
  const random = Random.of("answers", seed);
  return [1.3, -0.7, 0, 2].map((advantage, i) => {
    const sampled = drawn(random, 4 + i, 1);
    const now = sampled.map((x) => x + 0.4 * random.normal());
    return { advantage, sampled, now, start: now.map((x) => x + 0.3 * random.normal()) };
  });
}

describe("the loss", () => {
  it("at the model that sampled is minus the mean advantage over tokens, and its weights are the advantages", () => {
    const answers = [
      { advantage: 1.5, now: [-1, -2], sampled: [-1, -2] },
      { advantage: -0.5, now: [-1, -3, -0.2, -4], sampled: [-1, -3, -0.2, -4] },
    ];
    const { loss, weights, clipped, divergence } = policyLoss(answers, { clip: 0.2, kl: 1 });
    expect(loss).toBeCloseTo(-(2 * 1.5 - 4 * 0.5) / 6, 12);
    expect(weights).toEqual([
      [1.5, 1.5],
      [-0.5, -0.5, -0.5, -0.5],
    ]);
    expect(clipped).toBe(0);
    expect(divergence).toBeUndefined();
  });

  it("is clipped on the side that would go on, and only there", () => {
    const at = (advantage: number, ratio: number) =>
      policyLoss([{ advantage, now: [Math.log(ratio)], sampled: [0] }], { clip: 0.2, kl: 0 });
    expect(at(1, 1.5)).toMatchObject({ loss: -1.2, weights: [[0]], clipped: 1 });
    expect(at(1, 0.5).weights[0]?.[0]).toBeCloseTo(0.5, 12);
    expect(at(1, 0.5).clipped).toBe(0);
    expect(at(-1, 0.5)).toMatchObject({ loss: 0.8, weights: [[0]], clipped: 1 });
    expect(at(-1, 1.5).weights[0]?.[0]).toBeCloseTo(-1.5, 12);
  });

  it("has weights that are its gradient: finite differences, to 1e-7", () => {
    const options = { clip: 0.2, kl: 0.3 };
    const answers = answersOf("differences");
    const { weights, clipped, divergence } = policyLoss(answers, options);
    expect(clipped).toBeGreaterThan(0.1);
    expect(clipped).toBeLessThan(0.9);
    expect(divergence).toBeGreaterThan(0.01);
    const count = answers.reduce((sum, { now }) => sum + now.length, 0);
    const step = 1e-5;
    answers.forEach((answer, i) => {
      Array.from(answer.now).forEach((x, t) => {
        const at = (value: number): number =>
          policyLoss(
            answers.map((other, j) => (j === i ? { ...other, now: Array.from(other.now).with(t, value) } : other)),
            options,
          ).loss;
        const slope = (at(x + step) - at(x - step)) / (2 * step);
        expect(-(weights[i]?.[t] as number) / count).toBeCloseTo(slope, 7);
      });
    });
  });

  it("stays finite where a token has become all but impossible", () => {
    const { loss, weights } = policyLoss([{ advantage: 1, now: [-85], sampled: [-85], start: [-0.1] }], {
      clip: 0.2,
      kl: 0.04,
    });
    expect(Number.isFinite(loss)).toBe(true);
    expect(Number.isFinite(weights[0]?.[0])).toBe(true);
  });
});

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

/** The same in float64, token by token: −min(r A, clip(r) A) + β (exp(s − n) − (s − n) − 1). */
function objective(
  t: Tape,
  config: TransformerConfig,
  weights: Map<string, Scalar[]>,
  rows: readonly TrainingRow[],
  answers: readonly Omit<AnswerTokens, "now">[],
  { clip, kl }: { readonly clip: number; readonly kl: number },
): Scalar {
  const losses = rows.flatMap((row, i) => {
    const { advantage, sampled, start = [] } = answers[i] as AnswerTokens;
    const { logits } = decode(t, config, weights, row.ids);
    return row.answer.flatMap((own, at) => {
      if (!own || at === 0) return [];
      const k = row.answer.slice(1, at).filter(Boolean).length;
      const now = logSoftmax(t, logits[at - 1] ?? [])[row.ids[at] as number] as Scalar;
      const ratio = t.exponential(t.subtract(now, t.number(sampled[k] as number)));
      const free = t.scale(ratio, advantage);
      const bound = t.number(Math.min(Math.max(t.value(ratio), 1 - clip), 1 + clip) * advantage);
      const least = t.value(bound) < t.value(free) ? bound : free;
      const apart = t.subtract(t.number(start[k] as number), now);
      const divergence = t.subtract(t.subtract(t.exponential(apart), apart), t.number(1));
      return [t.add(t.scale(least, -1), t.scale(divergence, kl))];
    });
  });
  return t.scale(t.sum(losses), 1 / losses.length);
}

describe("two steps of a model agree with float64: loss to 1e-5, norm and parameters to 1e-5", () => {
  const options = { clip: 0.2, kl: 0.3 };
  const adamw = { weightDecay: 0.1, clip: 0.5 };
  for (const [kind, config] of Object.entries(MODELS)) {
    if (config.width > 256) continue;
    for (const parts of [1, 2]) {
      it(`${kind}, in ${parts}`, async () => {
        const scope = `${kind} ${parts}`;
        const weights = livelyWeights(config, scope);
        const trainer = await Trainer.create({ engine, config, weights, scope, adamw });
        const reader = new Reader({ engine, config, scope });
        const plain = new Map([...weights].map(([key, { shape, data }]) => [key, parameter(shape, data)]));
        const random = Random.of("grpo", kind);
        const rows = [7, 5, 6].map((length) => ({
          ids: Array.from({ length }, () => random.integer(config.vocabSize)),
          answer: Array.from({ length }, (_, i) => i > 1),
        }));
        const read = async (): Promise<Float32Array[]> =>
          (await reader.logProbabilities(rows.map(({ ids }) => ids))).map((all) => all.subarray(1));
        const first = await read();
        const answers = first.map((now, i) => ({
          advantage: [1.2, -0.8, 0.3][i] as number,
          sampled: Array.from(now, (x) => x + 0.3 * random.normal()),
          start: Array.from(now, (x) => x + 0.3 * random.normal()),
        }));
        for (let step = 1; step <= 2; step++) {
          const now = await read();
          const policy = policyLoss(
            answers.map((answer, i) => ({ ...answer, now: now[i] as Float32Array })),
            options,
          );
          const learned = rows.map((row, i) => ({
            ...row,
            weights: row.ids.map((_, at) => (at < 2 ? 0 : (policy.weights[i]?.[at - 2] as number))),
          }));
          const size = parts === 1 ? {} : { rows: 2, time: 16, capacity: 128 };
          const found = await trainer.train(learned, 1e-2, size);
          const t = new Tape();
          const taped = onTape(
            t,
            new Map(
              [...plain].map(([key, { shape, value }]) => [key, { shape, data: value as unknown as Float32Array }]),
            ),
          );
          const loss = objective(t, config, taped, rows, answers, options);
          const gradient = t.gradient(loss);
          const gradients = new Map([...taped].map(([key, xs]) => [key, xs.map((x) => gradient[x] as number)]));
          const norm = plainAdamW(plain, gradients, 1e-2, step, adamw);
          expect(policy.clipped).toBeGreaterThan(0);
          expect(distance([policy.loss], [t.value(loss)])).toBeLessThan(1e-5);
          expect(distance([found.gradientNorm], [norm])).toBeLessThan(1e-5);
        }
        const after = await trainer.weights();
        for (const [key, { value }] of plain) {
          expect(distance((after.get(key) as WeightTensor).data, value), key).toBeLessThan(1e-5);
        }
        await reader.close();
        await trainer.close();
      });
    }
  }
});
