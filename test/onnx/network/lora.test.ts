import { Engine } from "askew/graph";
import {
  adapterScale,
  Trainer,
  type Adapter,
  type LoraOptions,
  type TrainingRow,
  trainingMemory,
  type TransformerConfig,
} from "askew/onnx";
import { half, numberToHalf, Reader, Sampler, setLora, trainingGraph } from "#internal/onnx";
import { Random } from "askew/statistics";
import { afterAll, describe, expect, it } from "vitest";
import { distance } from "../../graph/evaluation.js";
import { logSoftmax } from "../../graph/reference.js";
import { parameter, plainAdamW, type Parameter } from "../../graph/reference-adamw.js";
import { Tape, type Scalar } from "../../graph/tape.js";
import { livelyWeights, MODELS } from "./models.js";
import { decode, onTape } from "./reference.js";

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

const [tied, grouped, qwen] = Object.values(MODELS) as [TransformerConfig, TransformerConfig, TransformerConfig];
const random = Random.of("lora test");

function batch(config: TransformerConfig): TrainingRow[] {
  return [6, 9].map((length) => ({
    ids: Array.from({ length }, () => random.integer(config.vocabSize)),
    answer: Array.from({ length }, (_, i) => i > 2),
  }));
}

/** W + scale · B A on the tape, for every adapted module. */
function withAdapter(
  t: Tape,
  weights: Map<string, Scalar[]>,
  plain: ReadonlyMap<string, Parameter>,
  adapter: Adapter,
): Map<string, Scalar[]> {
  const merged = new Map(weights);
  const scale = adapterScale(adapter);
  const { rank } = adapter;
  for (const module of adapter.modules.keys()) {
    const [a, b] = ["a", "b"].map((part) => t.numbers(plain.get(`${module}.${part}`)?.value ?? []));
    if (!a || !b) throw new Error(module);
    weights.set(`${module}.a`, a);
    weights.set(`${module}.b`, b);
    const inputs = a.length / rank;
    merged.set(
      `${module}.weight`,
      (weights.get(`${module}.weight`) ?? []).map((w, i) => {
        const [row, column] = [Math.floor(i / inputs), i % inputs];
        const terms = Array.from({ length: rank }, (_, r) =>
          t.multiply(b[row * rank + r] as Scalar, a[r * inputs + column] as Scalar),
        );
        return t.add(w, t.scale(t.sum(terms), scale));
      }),
    );
  }
  return merged;
}

const CASES: Record<string, [TransformerConfig, LoraOptions]> = {
  "all seven targets, all layers": [tied, { rank: 3, alpha: 6 }],
  "some of q, k, v; one layer; rank-stabilised; a model with a bias": [
    qwen,
    { rank: 4, alpha: 8, rankStabilized: true, targets: ["v", "q"], layers: [1] },
  ],
  "one projection of a pair, rank 1; grouped heads": [
    grouped,
    { rank: 1, alpha: 2, targets: ["up", "o", "k"], seed: 7 },
  ],
};

describe("training an adapter agrees with float64 (chain rule through W + s·B A) over three steps", () => {
  for (const [name, [config, lora]] of Object.entries(CASES)) {
    it(`${name}: loss and norm to 1e-5, A and B to 1e-5 of the largest`, async () => {
      const weights = livelyWeights(config, name);
      const options = { weightDecay: 0.1, clip: 0.5 };
      const trainer = await Trainer.create({ engine, config, weights, scope: name, adamw: options, lora });
      const fresh = await trainer.adapter();
      const plain = new Map<string, Parameter>();
      for (const [module, { a, b }] of fresh.modules) {
        expect(b.data.every((x) => x === 0)).toBe(true);
        plain.set(`${module}.a`, parameter(a.shape, a.data));
        plain.set(`${module}.b`, parameter(b.shape, b.data));
      }
      for (let step = 1; step <= 3; step++) {
        const rows = batch(config);
        const found = await trainer.train(rows, 0.05);
        const t = new Tape();
        const taped = onTape(t, weights);
        const merged = withAdapter(t, taped, plain, fresh);
        const terms = rows.flatMap(({ ids, answer }) => {
          const { logits } = decode(t, config, merged, ids);
          return ids.flatMap((id, i) =>
            answer[i] ? [t.scale(logSoftmax(t, logits[i - 1] ?? [])[id] as Scalar, -1)] : [],
          );
        });
        const loss = t.scale(t.sum(terms), 1 / terms.length);
        const gradient = t.gradient(loss);
        const gradients = new Map(
          [...plain.keys()].map((key) => [key, (taped.get(key) ?? []).map((x) => gradient[x] as number)]),
        );
        const norm = plainAdamW(plain, gradients, 0.05, step, options);
        expect(distance([found.loss], [t.value(loss)])).toBeLessThan(1e-5);
        expect(distance([found.gradientNorm], [norm])).toBeLessThan(1e-5);
      }
      for (const [module, { a, b }] of (await trainer.adapter()).modules) {
        expect(distance(a.data, plain.get(`${module}.a`)?.value ?? []), `${module} A`).toBeLessThan(1e-5);
        expect(distance(b.data, plain.get(`${module}.b`)?.value ?? []), `${module} B`).toBeLessThan(1e-5);
      }
    });
  }
});

describe("an adapter", () => {
  const lora: LoraOptions = { rank: 2, alpha: 4, targets: ["q", "v", "o", "up", "down"] };
  const texts = [5, 12].map((length) => Array.from({ length }, () => random.integer(tied.vocabSize)));

  /** A trainer of an adapter after two lively steps. */
  async function trained(scope: string, weights = livelyWeights(tied, 1)): Promise<Trainer> {
    const trainer = await Trainer.create({ engine, config: tied, weights, scope, lora });
    for (let i = 0; i < 2; i++) await trainer.train(batch(tied), 0.1);
    return trainer;
  }

  it("changes nothing when it is fresh, and leaves the base as it was", async () => {
    const weights = livelyWeights(tied, 1);
    const trainer = await Trainer.create({ engine, config: tied, weights, scope: "fresh", lora });
    for (const [name, { data }] of await trainer.weights()) expect(data).toEqual(weights.get(name)?.data);
    await trainer.train(batch(tied), 0.1);
    const after = await trainer.weights();
    const changed = [...weights].flatMap(([name, { data }]) =>
      distance(after.get(name)?.data ?? [], data) > 1e-4 ? [name.replace(/.*\.(\w+)\.weight$/, "$1")] : [],
    );
    expect(new Set(changed)).toEqual(new Set(["q_proj", "v_proj", "o_proj", "up_proj", "down_proj"]));
  });

  it("says the same merged and unmerged: read to 1e-5, sampled the same", async () => {
    const trainer = await trained("unmerged");
    await Trainer.create({ engine, config: tied, weights: await trainer.weights(), scope: "merged" });
    const make = (scope: string): [Reader, Sampler] => {
      const options = { engine, config: tied, scope, rows: 4, lora: scope === "unmerged" ? trainer.lora : undefined };
      return [new Reader(options), new Sampler(options)];
    };
    const [[readerA, samplerA], [readerB, samplerB], [base]] = [make("unmerged"), make("merged"), make("bare")];
    const [a, b] = [await readerA.activations(texts, [1]), await readerB.activations(texts, [1])];
    a.forEach((row, i) => {
      expect(distance(row.get(1) ?? [], b[i]?.get(1) ?? [])).toBeLessThan(1e-5);
    });
    const prompts = texts.map((ids, i) => ({ ids, seed: `${i}` }));
    const options = { maxTokens: 8, stop: [] };
    const sampled = await samplerA.sample(prompts, options);
    expect(sampled.map((row) => row.ids)).toEqual((await samplerB.sample(prompts, options)).map((row) => row.ids));
    // And it is not the base model that they agree on.
    await Trainer.create({ engine, config: tied, weights: livelyWeights(tied, 1), scope: "bare" });
    const plain = await base.activations(texts, [1]);
    expect(distance(plain[0]?.get(1) ?? [], a[0]?.get(1) ?? [])).toBeGreaterThan(1e-3);
  });

  it("goes into another engine's model and into another trainer as it is", async () => {
    const trainer = await trained("source");
    const adapter = await trainer.adapter();
    expect(adapter.modules.get("model.layers.1.mlp.up_proj")?.a.shape).toEqual([2, 8]);
    expect(adapter.modules.get("model.layers.1.mlp.up_proj")?.b.shape).toEqual([12, 2]);
    const other = Engine.start({ threads: 1 });
    await Trainer.create({ engine: other, config: tied, weights: livelyWeights(tied, 1), scope: "m" });
    const options = await setLora(other, "m", adapter);
    const reader = new Reader({ engine: other, config: tied, scope: "m", lora: options });
    const source = new Reader({ engine, config: tied, scope: "source", lora: trainer.lora });
    expect(await reader.logProbabilities(texts)).toEqual(await source.logProbabilities(texts));
    await other.close();

    await trainer.reset(livelyWeights(tied, 1), { adapter });
    expect(await trainer.adapter()).toEqual(adapter);
    await trainer.reset(livelyWeights(tied, 1));
    expect((await trainer.adapter()).modules.get("model.layers.1.mlp.up_proj")?.b.data.every((x) => x === 0)).toBe(
      true,
    );
  });

  it("carries on from a checkpoint as if it had not stopped", async () => {
    const rows = [batch(tied), batch(tied)];
    const straight = await trained("straight");
    const saved = await straight.checkpoint();
    expect([...saved.tensors.keys()].filter((name) => !name.includes("lora"))).toEqual([]); // the base is not in it
    for (const row of rows) await straight.train(row, 0.1);
    const expected = await straight.adapter();
    await straight.restore(saved);
    expect(straight.step).toBe(2);
    for (const row of rows) await straight.train(row, 0.1);
    expect(await straight.adapter()).toEqual(expected);
  });

  it("costs no gradient of what is frozen", async () => {
    const nodes = async (options?: LoraOptions): Promise<number> =>
      (await engine.load(trainingGraph(tied, 2, 16, 16, (name) => name, {}, options))).nodes;
    const last = { rank: 2, alpha: 4, targets: ["down"], layers: [1] } as const;
    const whole = await nodes();
    expect(await nodes(last)).toBeLessThan(whole / 2);
    expect(await nodes({ ...last, layers: [0] })).toBeGreaterThan(await nodes(last));
  });

  it("refuses what is not in the model", async () => {
    const create = (options: LoraOptions): Promise<Trainer> =>
      Trainer.create({ engine, config: tied, weights: livelyWeights(tied, 1), scope: "refused", lora: options });
    await expect(create({ rank: 0, alpha: 1 })).rejects.toThrow("lora: rank must be a whole number >= 1, found 0");
    await expect(create({ rank: 1, alpha: 0 })).rejects.toThrow("lora: alpha must be above 0, found 0");
    await expect(create({ rank: 1, alpha: 1, layers: [2] })).rejects.toThrow("layer 2");
    await expect(create({ rank: 1, alpha: 1, layers: [-1] })).rejects.toThrow("layer -1");
    await expect(create({ rank: 1, alpha: 1, targets: ["x" as "q"] })).rejects.toThrow('no target "x"');
    await expect(create({ rank: 1, alpha: 1, targets: [] })).rejects.toThrow("nothing to train");
    const whole = await Trainer.create({ engine, config: tied, weights: livelyWeights(tied, 1), scope: "whole" });
    await expect(whole.adapter()).rejects.toThrow("trains all weights");
  });
});

describe("frozen weights in float16", () => {
  const config: TransformerConfig = { ...(Object.values(MODELS).at(-1) as TransformerConfig), heads: 4, hidden: 20 };
  const rows = batch(config);
  const matrix = /_proj\.weight$/;

  /** Of a fine-tune of four steps: losses, weights as they are read out, and what is read and sampled with them. */
  async function tuned(
    scope: string,
    weights: ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>,
    frozen?: "float16",
  ) {
    const lora: LoraOptions = { rank: 2, alpha: 4, ...(frozen && { frozen }) };
    const trainer = await Trainer.create({ engine, config, weights, scope, lora });
    const before = await trainer.weights();
    const losses: number[] = [];
    for (let step = 0; step < 4; step++) {
      losses.push((await trainer.train(rows, 0.01, { rows: step < 2 ? 2 : 1 }, { recompute: step % 2 === 1 })).loss);
    }
    const after = await trainer.weights();
    const reader = new Reader({ engine, config, scope, lora });
    const read = await reader.logProbabilities(rows.map(({ ids }) => ids));
    const sampled: number[][] = [];
    for (const count of [1, 3]) {
      const sampler = new Sampler({ engine, config, scope, rows: count, lora });
      const prompts = Array.from({ length: count }, (_, i) => ({ ids: [1, 2, 3 + i], seed: "0" }));
      const found = await sampler.sample(prompts, { temperature: 0, maxTokens: 8, stop: [] });
      sampled.push(...found.map(({ ids }) => [...ids]));
      await sampler.close();
    }
    await Promise.all([reader.close(), trainer.close()]);
    return { before, losses, after, read, sampled };
  }

  it("compute what rounded weights in float32 compute, in training, reading and sampling", async () => {
    const weights = livelyWeights(config, 3);
    const halved = await tuned("halved", weights, "float16");
    const rounded = new Map(
      [...weights].map(([name, { shape, data }]) => {
        const values = matrix.test(name) ? Float32Array.from(data, (x) => half(numberToHalf(x))) : data;
        return [name, { shape, data: values }];
      }),
    );
    for (const [name, { data }] of halved.before) expect(data, name).toEqual(rounded.get(name)?.data);
    const whole = await tuned("rounded", rounded);
    expect(halved.losses).toEqual(whole.losses);
    expect(halved.after).toEqual(whole.after);
    expect(halved.read).toEqual(whole.read);
    expect(halved.sampled).toEqual(whole.sampled);
    const exact = await tuned("exact", weights);
    expect(exact.losses).not.toEqual(halved.losses);
    halved.losses.forEach((loss, i) => expect(Math.abs(loss - (exact.losses[i] as number))).toBeLessThan(2e-3));
  });

  it("are refused where a number is too large", async () => {
    const weights = livelyWeights(config, 3);
    const down = weights.get("model.layers.1.mlp.down_proj.weight")?.data ?? new Float32Array(8);
    down[7] = -70_000;
    await expect(tuned("large", weights, "float16")).rejects.toThrow(
      'float16 holds numbers up to 65504, found -70000 in "layers.1.down": hold it in float32',
    );
  });

  it("are foretold", () => {
    const wide = { ...config, width: 1024, hidden: 4096, headDim: 64, heads: 16, layers: 16, maxPositions: 64 };
    const shape = { rows: 32, time: 64, capacity: 2048 };
    const whole = trainingMemory(wide, { ...shape, lora: { rank: 2, alpha: 4 } });
    const halved = trainingMemory(wide, { ...shape, lora: { rank: 2, alpha: 4, frozen: "float16" } });
    // q and o, k and v of one head of 64, three matrices of the MLP; 100 MB stay for what was rounded.
    const numbers = 16 * 1024 * (2 * 1024 + 2 * 64 + 3 * 4096);
    expect((whole - halved) / (2 * numbers - 1e8)).toBeCloseTo(1, 2);
  });
});
