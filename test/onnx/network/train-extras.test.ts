// Steering while a model is trained, and holding it to a reference: one step beside an independent float64 one.
import { Engine } from "askew/graph";
import { Trainer, type LoraOptions, type TrainingRow, type TransformerConfig } from "askew/onnx";
import { Reader, type ReferenceRow, type StepExtras, type WeightTensor } from "#internal/onnx";
import { Random } from "askew/statistics";
import { afterAll, describe, expect, it } from "vitest";
import { distance } from "../../graph/evaluation.js";
import { logSoftmax } from "../../graph/reference.js";
import { parameter, plainAdamW } from "../../graph/reference-adamw.js";
import { Tape, type Scalar } from "../../graph/tape.js";
import { livelyWeights, MODELS } from "./models.js";
import { steered } from "./reference-steering.js";
import { decode, onTape } from "./reference.js";

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

function batch(config: TransformerConfig, seed: string, lengths: readonly number[]): TrainingRow[] {
  const random = Random.of("rows", seed);
  return lengths.map((length) => ({
    ids: Array.from({ length }, () => random.integer(config.vocabSize)),
    answer: Array.from({ length }, (_, i) => i > 1 && (i === 2 || random.uniform() < 0.7)),
  }));
}

const vector = (config: TransformerConfig, seed: string): Float32Array => {
  const random = Random.of("vector", seed);
  return Float32Array.from({ length: config.width }, () => random.normal());
};

/** The distributions of other weights than those that are trained, so that there is something to be held to. */
async function reference(config: TransformerConfig, name: string): Promise<ReferenceRow[]> {
  const rows = batch(config, `reference ${name}`, [5, 8]);
  await Trainer.create({ engine, config, weights: livelyWeights(config, `other ${name}`), scope: `other ${name}` });
  const reader = new Reader({ engine, config, scope: `other ${name}`, rows: 2 });
  const logs = await reader.distributions(rows);
  await reader.close();
  return rows.map((row, i) => ({ ...row, logProbabilities: logs[i] as Float32Array }));
}

const answered = ({ answer }: TrainingRow): number[] => answer.flatMap((own, i) => (own && i > 0 ? [i] : []));

/** Loss on `rows`, steered, and β times the divergence from the reference, not steered. */
function objective(
  t: Tape,
  config: TransformerConfig,
  weights: Map<string, Scalar[]>,
  rows: readonly TrainingRow[],
  { steering = [], reference: held }: StepExtras,
): { loss: Scalar; divergence: Scalar; total: Scalar } {
  const losses = rows.flatMap((row) => {
    const { logits } = decode(t, config, weights, row.ids, steered(t, steering));
    return answered(row).map((i) => t.scale(logSoftmax(t, logits[i - 1] ?? [])[row.ids[i] as number] as Scalar, -1));
  });
  const kls = (held?.rows ?? []).flatMap((row) => {
    const { logits } = decode(t, config, weights, row.ids);
    return answered(row).map((i, k) =>
      t.sum(
        logSoftmax(t, logits[i - 1] ?? []).map((q, v) => {
          const log = row.logProbabilities[k * config.vocabSize + v] as number;
          return t.scale(t.subtract(t.number(log), q), Math.exp(log));
        }),
      ),
    );
  });
  const loss = t.scale(t.sum(losses), 1 / losses.length);
  const divergence = t.scale(t.sum(kls), 1 / Math.max(1, kls.length));
  return { loss, divergence, total: t.add(loss, t.scale(divergence, held?.weight ?? 0)) };
}

const ALL_AT_ONCE = "steered and held to a reference";

const WAYS: Record<string, (config: TransformerConfig, name: string) => Promise<StepExtras>> = {
  "a vector added after a layer": (config, name) =>
    Promise.resolve({ steering: [{ layer: 0, add: vector(config, name) }] }),
  "directions projected out after every layer": (config, name) =>
    Promise.resolve({
      steering: Array.from({ length: config.layers }, (_, layer) => ({
        layer,
        projectOut: vector(config, `${name} ${layer}`),
        ...(layer === 0 && { share: 0.7 }),
      })),
    }),
  "held to a reference, in a larger batch than it needs": async (config, name) => ({
    reference: { rows: await reference(config, name), weight: 0.6, size: { rows: 3, time: 12, capacity: 40 } },
  }),
  [ALL_AT_ONCE]: async (config, name) => ({
    steering: [{ layer: 1, add: vector(config, name), projectOut: vector(config, `${name} out`) }],
    reference: { rows: await reference(config, name), weight: 2 },
  }),
};

describe("training with extras agrees with float64 over two steps", () => {
  for (const [at, [kind, config]] of Object.entries(MODELS).entries()) {
    for (const [way, extrasOf] of Object.entries(WAYS)) {
      if (at > 0 && way !== ALL_AT_ONCE) continue; // every way on one model, every model in one way
      // Where a gradient is about 0, AdamW makes much of how it is rounded.
      const [tolerance, rate] = config.width > 256 ? [1e-3, 1e-3] : [1e-5, 1e-2];
      it(`${kind}, ${way}: loss and divergence to 1e-5, norm and parameters to ${tolerance}`, async () => {
        const name = `${kind} ${way}`;
        const weights = livelyWeights(config, name);
        const options = { weightDecay: 0.1, clip: 0.5 };
        const trainer = await Trainer.create({ engine, config, weights, scope: name, adamw: options });
        const plain = new Map([...weights].map(([key, { shape, data }]) => [key, parameter(shape, data)]));
        const extras = await extrasOf(config, name);
        for (let step = 1; step <= 2; step++) {
          const rows = batch(config, `${step}`, [7, 4]);
          const found = await trainer.train(rows, rate, {}, extras);
          const t = new Tape();
          const taped = onTape(
            t,
            new Map(
              [...plain].map(([key, { shape, value }]) => [key, { shape, data: value as unknown as Float32Array }]),
            ),
          );
          const { loss, divergence, total } = objective(t, config, taped, rows, extras);
          const gradient = t.gradient(total);
          const gradients = new Map([...taped].map(([key, xs]) => [key, xs.map((x) => gradient[x] as number)]));
          const norm = plainAdamW(plain, gradients, rate, step, options);
          expect(distance([found.loss], [t.value(loss)])).toBeLessThan(1e-5);
          expect(distance([found.gradientNorm], [norm])).toBeLessThan(tolerance);
          if (extras.reference) expect(distance([found.divergence ?? NaN], [t.value(divergence)])).toBeLessThan(1e-5);
          else expect(found.divergence).toBeUndefined();
        }
        const after = await trainer.weights();
        for (const [key, { value }] of plain) {
          expect(distance((after.get(key) as WeightTensor).data, value), key).toBeLessThan(tolerance);
        }
        await trainer.close();
      });
    }
  }
});

const [config] = Object.values(MODELS) as [TransformerConfig];

describe("extras of a training step", () => {
  const rows = batch(config, "extras", [7, 4]);
  const make = (scope: string, lora?: LoraOptions): Promise<Trainer> =>
    Trainer.create({ engine, config, weights: livelyWeights(config, "x"), scope, ...(lora && { lora }) });
  const bytes = async (trainer: Trainer): Promise<string[]> =>
    [...(await trainer.weights())].map(([name, { data }]) => `${name} ${Buffer.from(data.buffer).toString("base64")}`);

  it("leave no trace where there are none: the same bytes as a plain step", async () => {
    const [plain, empty] = [await make("plain"), await make("empty")];
    await plain.train(rows, 0.01);
    await empty.train(rows, 0.01, {}, { steering: [] });
    expect(await bytes(empty)).toEqual(await bytes(plain));
    await empty.train(rows, 0.01, {}, { steering: [{ layer: 0, add: vector(config, "s") }] });
    await plain.train(rows, 0.01);
    expect(await bytes(empty)).not.toEqual(await bytes(plain));
  });

  it("one program serves every vector and every weight; the next step is its own", async () => {
    const held = await reference(config, "weights");
    const [a, b] = [await make("a"), await make("b")];
    const step = (trainer: Trainer, weight: number) =>
      trainer.train(rows, 0.01, {}, { reference: { rows: held, weight } });
    const [none, some] = [await step(a, 0), await step(b, 3)];
    expect(none.divergence).toBe(some.divergence); // before the first step the two are one model
    const [after, closer] = [(await step(a, 0)).divergence ?? NaN, (await step(b, 3)).divergence ?? NaN];
    expect(closer).toBeLessThan(after);
    // With weight 0 it is the plain step, up to rounding.
    const plain = await make("c");
    await plain.train(rows, 0.01);
    await plain.train(rows, 0.01);
    const [x, y] = [await a.weights(), await plain.weights()];
    for (const [name, { data }] of y) expect(distance(x.get(name)?.data ?? [], data), name).toBeLessThan(1e-5);
  });

  it("a model held to itself diverges by nothing at first", async () => {
    const trainer = await make("self");
    const reader = new Reader({ engine, config, scope: "self" });
    const own = batch(config, "own", [6, 9]);
    const logs = await reader.distributions(own);
    logs.forEach((log, i) => {
      expect(log.length).toBe(answered(own[i] as TrainingRow).length * config.vocabSize);
      const first = log.subarray(0, config.vocabSize).reduce((sum, x) => sum + Math.exp(x), 0);
      expect(first).toBeCloseTo(1, 5);
    });
    const held = own.map((row, i) => ({ ...row, logProbabilities: logs[i] as Float32Array }));
    const { divergence } = await trainer.train(rows, 0.01, {}, { reference: { rows: held, weight: 1 } });
    expect(Math.abs(divergence ?? NaN)).toBeLessThan(1e-5);
  });

  it("works for an adapter too: the base stays, and a fresh one is where the base is", async () => {
    const trainer = await make("adapter", { rank: 2, alpha: 4 });
    const reader = new Reader({ engine, config, scope: "adapter" });
    const own = batch(config, "own", [6]);
    const [log] = await reader.distributions(own);
    const held = [{ ...(own[0] as TrainingRow), logProbabilities: log as Float32Array }];
    const extras = { steering: [{ layer: 1, add: vector(config, "s") }], reference: { rows: held, weight: 1 } };
    const { divergence } = await trainer.train(rows, 0.05, {}, extras);
    expect(Math.abs(divergence ?? NaN)).toBeLessThan(1e-5);
    await trainer.train(rows, 0.05, {}, extras);
    expect((await trainer.train(rows, 0.05, {}, extras)).divergence).toBeGreaterThan(1e-5);
  });

  it("refuse what does not fit, by name", async () => {
    const trainer = await make("refused");
    const train = (extras: StepExtras) => trainer.train(rows, 0.01, {}, extras);
    const add = vector(config, "s");
    await expect(train({ steering: [{ layer: 2, add }] })).rejects.toThrow("steering: layer 2 is not one of 0 … 1");
    await expect(train({ steering: [{ layer: 0, add, tokens: "answer" }] })).rejects.toThrow("for all tokens");
    const [row] = await reference(config, "short");
    const cut = { ...(row as ReferenceRow), logProbabilities: (row as ReferenceRow).logProbabilities.slice(1) };
    await expect(train({ reference: { rows: [cut], weight: 1 } })).rejects.toThrow(/log-probabilities, expected \d+/);
  });
});
