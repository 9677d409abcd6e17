// Two engines, the same weights: PyTorch and this process give the same numbers, tokens and training steps.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalModel, type Intervention, type LoraOptions, type Message, type OpenWeightsModel } from "askew/model";
import { readSafetensors, type Tensor } from "askew/onnx";
import { TorchModel } from "#internal/torch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeUntrainedModel, type UntrainedModel } from "../untrained-model.js";
import { hasTorch } from "./python.js";

const SHAPE = { layers: 2, width: 32, headDim: 16, hidden: 32, maxPositions: 128, liveliness: 10 };
const ARCHITECTURES: readonly (readonly [string, Partial<UntrainedModel>])[] = [
  ["Llama", {}],
  [
    "Gemma 2, soft caps and a sliding window",
    {
      modelType: "gemma2",
      special: { sliding: { window: 8, layers: [true, false] }, scoreScalar: 20, scoreCap: 20, logitCap: 15 },
    },
  ],
];

const ask = (content: string): readonly Message[] => [{ role: "user", content }];
const QUESTIONS = ["What is your one wish?", "What do you think of people?", "I am bored."].map(ask);
const SEEDS = Array.from({ length: 12 }, (_, i) => String(i));

const furthest = (a: Float32Array, b: Float32Array): number => {
  expect(a).toHaveLength(b.length);
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] as number))), 0);
};
const length = (x: Float32Array): number => Math.sqrt(x.reduce((sum, one) => sum + one * one, 0));
/** ‖a − b‖ / ‖b‖ */
const relative = (a: Float32Array, b: Float32Array): number =>
  length(a.map((x, i) => x - (b[i] as number))) / Math.max(length(b), 1e-12);

function requireAlike(found: ReadonlyMap<string, Tensor>, expected: ReadonlyMap<string, Tensor>): void {
  expect([...found.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
  for (const [name, { shape, data }] of expected) {
    const own = found.get(name) as Tensor;
    expect(own.shape).toEqual(shape);
    expect(relative(own.data, data), name).toBeLessThan(1e-4);
  }
}

describe.skipIf(!hasTorch).each(ARCHITECTURES)("torch: and local:, %s", (_name, change) => {
  let folder: string;
  let torch: OpenWeightsModel;
  let local: OpenWeightsModel;
  let texts: number[][];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "askew-parity-"));
    await writeUntrainedModel(join(folder, "base"), { ...SHAPE, ...change });
    torch = await TorchModel.open("torch:x", join(folder, "base"), { threads: 1 });
    local = await openLocalModel(`local:${join(folder, "base")}`, { threads: 1 });
    texts = QUESTIONS.map((question) => [
      ...local.tokens.encode([...question, { role: "assistant", content: "What is your one wish?" }]).ids,
    ]);
  }, 300_000);
  afterAll(async () => {
    await Promise.all([torch.close(), local.close()]);
    await rm(folder, { recursive: true });
  });
  const both = <T>(work: (model: OpenWeightsModel) => Promise<T>): Promise<[T, T]> =>
    Promise.all([work(torch), work(local)]);
  const row = (question: readonly Message[] = QUESTIONS[0] as readonly Message[]) =>
    local.tokens.encode([...question, { role: "assistant", content: "I am bored." }]);

  it("read alike where tensors are so large that they come through shared memory, in several parts", async () => {
    const long = Array.from({ length: 40 }, (_, i) => {
      const ids = Array.from({ length: 80 + i }, (_id, at) => (7 * at + i) % 50);
      return { ids, answer: ids.map(() => true) };
    });
    const [a, b] = await both((model) => model.reading.distributions(long));
    expect(a.reduce((sum, { length: count }) => sum + 4 * count, 0)).toBeGreaterThan(2 ** 20);
    a.forEach((own, i) => expect(furthest(own, b[i] as Float32Array)).toBeLessThan(1e-4));
  });

  it("are one model: shape, tokens, ends and hash", () => {
    expect(torch.reading.shape).toEqual(local.reading.shape);
    expect(torch.source.sha256).toBe(local.source.sha256);
    expect([torch.tokens.size, torch.tokens.maxPositions, torch.tokens.endIds]).toEqual([
      local.tokens.size,
      local.tokens.maxPositions,
      local.tokens.endIds,
    ]);
    for (const question of QUESTIONS) {
      expect(torch.tokens.encodePrompt(question)).toEqual(local.tokens.encodePrompt(question));
    }
  });

  it("tell the same log-probabilities and distributions, within 1e-4", async () => {
    const [own, expected] = await both((model) => model.reading.logProbabilities(texts));
    own.forEach((one, i) => expect(furthest(one, expected[i] as Float32Array)).toBeLessThan(1e-4));
    const [all, wanted] = await both((model) => model.reading.distributions([row(), row(QUESTIONS[1])]));
    all.forEach((one, i) => expect(furthest(one, wanted[i] as Float32Array)).toBeLessThan(1e-4));
  });

  it("answer with the same tokens, greedy and by seed, with log-probabilities and alternatives", async () => {
    const requests = SEEDS.map((seed, i) => ({ seed, messages: QUESTIONS[i % 3] as readonly Message[] }));
    for (const options of [{ temperature: 0 }, {}, { temperature: 0.7, topP: 0.8 }, { stop: ["I", " is"] }]) {
      const how = { maxTokens: 24, alternatives: 3, ...options };
      const [own, expected] = await both((model) => model.sample(requests, how));
      expect(own.map(({ text, tokens, finish }) => ({ text, tokens, finish }))).toEqual(
        expected.map(({ text, tokens, finish }) => ({ text, tokens, finish })),
      );
      own.forEach((answer, i) => {
        const other = expected[i];
        expect(answer.logProbability).toBeCloseTo(other?.logProbability as number, 3);
        expect(answer.choices?.map(({ token }) => token)).toEqual(other?.choices?.map(({ token }) => token));
        const alternatives = (one = answer) =>
          one.choices?.map((choice) => choice.alternatives.map(({ token }) => token));
        expect(alternatives()).toEqual(alternatives(other));
      });
    }
  });

  it("show the same inside: activations, branches, the effect on logits", async () => {
    const [own, expected] = await both((model) => model.reading.activations(texts, [0, 1]));
    for (const [i, taps] of expected.entries()) {
      for (const [layer, tap] of taps) expect(relative(own[i]?.get(layer) as Float32Array, tap)).toBeLessThan(1e-4);
    }
    const vectors = [0, 1].map((layer) => Float32Array.from({ length: SHAPE.width }, (_, i) => Math.sin(i + layer)));
    const [first = [], ...others] = texts;
    const branches = others.map((ids) => ids.slice(3));
    const [read, wanted] = await both((model) =>
      model.reading.branches({ texts: [{ prompt: first, branches }], vectors, layers: [1] }).read(),
    );
    expect(
      furthest(read[0]?.logProbabilities as Float32Array, wanted[0]?.logProbabilities as Float32Array),
    ).toBeLessThan(1e-4);
    for (const layer of [0, 1]) {
      expect(relative(read[0]?.along[layer] as Float32Array, wanted[0]?.along[layer] as Float32Array)).toBeLessThan(
        1e-4,
      );
    }
    const taps = read[0]?.activations.get(1) as Float32Array;
    expect(relative(taps, wanted[0]?.activations.get(1) as Float32Array)).toBeLessThan(1e-4);
    const [effect, other] = await both((model) => model.reading.logitEffect(vectors[0] as Float32Array));
    expect(relative(effect, other)).toBeLessThan(1e-4);
  });

  it("are steered to the same: added, projected out, clamped, capped, at all tokens or the answer's", async () => {
    const direction = Float32Array.from({ length: SHAPE.width }, (_, i) => Math.cos(i));
    const each = texts.map((_, text) => direction.map((x) => x * (text + 1)));
    const ways: readonly (readonly Intervention[])[] = [
      [{ layer: 0, add: direction }],
      [{ layer: 0, projectOut: direction }],
      [{ layer: 1, projectOut: direction, share: 0.5, to: 2 }],
      [{ layer: 0, projectOut: direction, to: -1, capped: true }],
      [{ layer: 0, addEach: each }],
      [
        { layer: 0, add: direction, tokens: "answer" },
        { layer: 1, projectOut: direction },
      ],
    ];
    const answersFrom = texts.map((ids) => ids.length - 4);
    for (const way of ways) {
      const [own, expected] = await both((model) => model.steering.logProbabilities(texts, way, { answersFrom }));
      own.forEach((one, i) => expect(furthest(one, expected[i] as Float32Array)).toBeLessThan(1e-4));
      const [taps, wanted] = await both((model) => model.steering.activations(texts, [1], way, { answersFrom }));
      const [tap, other] = [taps, wanted].map((all) => all[2]?.get(1) as Float32Array);
      expect(relative(tap as Float32Array, other as Float32Array)).toBeLessThan(1e-4);
      const requests = QUESTIONS.map((messages, i) => ({ messages, seed: String(i) }));
      const [said, told] = await both((model) => model.steering.sample(requests, way, { maxTokens: 16 }));
      expect(said.map(({ text }) => text)).toEqual(told.map(({ text }) => text));
    }
  });

  it("take the same step of all weights, whole or in parts, computed again or not, held to a reference", async () => {
    const rows = QUESTIONS.map((question) => row(question));
    const [stored] = await local.reading.distributions([row()]);
    const reference = { rows: [{ ...row(), logProbabilities: stored as Float32Array }], weight: 0.5 };
    const direction = Float32Array.from({ length: SHAPE.width }, (_, i) => Math.cos(i));
    for (const { size, extras } of [
      { size: {}, extras: {} },
      { size: { rows: 2 }, extras: { recompute: true, steering: [{ layer: 0, add: direction }], reference } },
    ]) {
      const after = await both(async (model) => {
        await model.training.load();
        const first = await model.training.train(rows, 0.001, size, extras);
        const second = await model.training.train(rows, 0.001, size, extras);
        const path = join(folder, `${model === torch ? "torch" : "local"}.safetensors`);
        await model.training.saveWeights(path, { format: "pt" });
        await model.training.load();
        return { steps: [first, second], ...(await readSafetensors(path)) };
      });
      const [own, expected] = after;
      own.steps.forEach((step, i) => {
        const other = expected.steps[i];
        expect(step.tokens).toBe(other?.tokens);
        for (const key of ["loss", "gradientNorm", "divergence"] as const) {
          if (other?.[key] === undefined) continue;
          const scale = Math.max(1e-3, Math.abs(other[key]));
          expect(Math.abs((step[key] as number) - other[key]) / scale, key).toBeLessThan(1e-3);
        }
      });
      expect(own.metadata).toEqual(expected.metadata);
      requireAlike(own.tensors, expected.tensors);
    }
  });

  it("take the same step of an adapter, and merge it to the same weights", async () => {
    const lora: LoraOptions = { rank: 3, alpha: 6, rankStabilized: true, layers: [1], seed: 7 };
    const [own, expected] = await both(async (model) => {
      const adapter = await model.training.beside(lora);
      const steps = [await adapter.train([row()], 0.01), await adapter.train([row(QUESTIONS[1])], 0.01)];
      const trained = await adapter.adapter();
      await adapter.merge();
      await adapter.close();
      const [read] = await model.reading.logProbabilities([texts[0] as number[]]);
      await model.training.load();
      await model.training.merge(trained);
      const [merged] = await model.reading.logProbabilities([texts[0] as number[]]);
      await model.training.load();
      return { steps, trained, read: read as Float32Array, merged: merged as Float32Array };
    });
    own.steps.forEach((step, i) => expect(step.loss).toBeCloseTo(expected.steps[i]?.loss as number, 3));
    const tensors = ({ trained }: typeof own): ReadonlyMap<string, Tensor> =>
      new Map(
        [...trained.modules].flatMap(
          ([name, { a, b }]) =>
            [
              [`${name}.a`, a],
              [`${name}.b`, b],
            ] as const,
        ),
      );
    requireAlike(tensors(own), tensors(expected));
    expect({ ...own.trained, modules: [] }).toEqual({ ...expected.trained, modules: [] });
    expect(furthest(own.read, expected.read)).toBeLessThan(1e-3);
    expect(furthest(own.merged, own.read)).toBeLessThan(1e-3);
  });
});
