import { Engine } from "askew/graph";
import { Trainer, type TransformerConfig } from "askew/onnx";
import { Reader, type Steering } from "#internal/onnx";
import { Random } from "askew/statistics";
import { afterAll, describe, expect, it } from "vitest";
import { distance, filled } from "../../graph/evaluation.js";
import { logSoftmax } from "../../graph/reference.js";
import { Tape } from "../../graph/tape.js";
import { livelyWeights, MODELS } from "./models.js";
import { decode, onTape } from "./reference.js";
import { steered } from "./reference-steering.js";

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

const random = Random.of("reader");
const texts = (config: TransformerConfig): number[][] =>
  [5, 1, 17, 9, 2].map((length) => Array.from({ length }, () => random.integer(config.vocabSize)));

async function expectReference(
  config: TransformerConfig,
  name: string,
  steering: readonly Steering[],
  answersFrom?: readonly number[],
): Promise<void> {
  const weights = livelyWeights(config, name);
  await Trainer.create({ engine, config, weights, scope: name });
  const reader = new Reader({ engine, config, scope: name, rows: 2 });
  const read = texts(config);
  const layers = [1, 0];
  const found = await reader.activations(read, layers, { steering, ...(answersFrom && { answersFrom }) });
  const logs = await reader.logProbabilities(read, { steering, ...(answersFrom && { answersFrom }) });
  expect(found.length).toBe(read.length);
  read.forEach((ids, i) => {
    const t = new Tape();
    const expected = decode(t, config, onTape(t, weights), ids, steered(t, steering, answersFrom?.[i]));
    for (const layer of layers) {
      const residual = expected.residual[layer]?.flat() ?? [];
      expect(distance(found[i]?.get(layer) as Float32Array, t.values(residual))).toBeLessThan(1e-5);
    }
    // A log-probability sees its logit and their sum: this pins the logits, up to what they have in common, to 1e-4.
    const own = logs[i] as Float32Array;
    expect(own.length).toBe(ids.length - 1);
    own.forEach((p, at) => {
      const row = logSoftmax(t, expected.logits[at] ?? []);
      const wanted = t.value(row[ids[at + 1] as number] as (typeof row)[number]);
      expect(Math.abs(p - wanted)).toBeLessThan(1e-4);
    });
  });
  await reader.close();
}

describe("reading agrees with an independent float64 forward pass: taps to 1e-5, log-probabilities to 1e-4", () => {
  for (const [name, config] of Object.entries(MODELS)) {
    it(`${name}: every position`, () => expectReference(config, name, []));
  }

  it("steered: what is added and projected out is what the reference adds and projects out", async () => {
    const config = MODELS["a Llama, tied"] as TransformerConfig;
    const vector = (): Float32Array => filled(config.width, () => random.normal());
    await expectReference(config, "steered", [
      { layer: 0, projectOut: vector() },
      { layer: 0, add: vector() },
      { layer: 1, add: vector(), projectOut: vector() },
    ]);
  });

  it("a share of a component, and answers alone", async () => {
    const config = MODELS["a Qwen2 with one key-value head, wide heads and a bias"] as TransformerConfig;
    const vector = (): Float32Array => filled(config.width, () => random.normal());
    const steering: Steering[] = [
      { layer: 0, projectOut: vector(), share: 0.3 },
      { layer: 0, add: vector(), tokens: "answer" },
      { layer: 1, projectOut: vector(), share: 2, add: vector(), tokens: "answer" },
    ];
    await expectReference(config, "answers alone", steering, [2, 1, 16, 0, 2]);
  });

  it("clamped and capped", async () => {
    const config = MODELS["a Llama, tied"] as TransformerConfig;
    const vector = (): Float32Array => filled(config.width, () => random.normal());
    await expectReference(config, "clamped", [
      { layer: 0, projectOut: vector(), to: -0.7, share: 0.8 },
      { layer: 1, projectOut: vector(), to: 0.1, capped: true },
    ]);
  });
});

it("a vector of its own for every text, over batches", async () => {
  const config = MODELS["a Llama, tied"] as TransformerConfig;
  await Trainer.create({ engine, config, weights: livelyWeights(config, "each"), scope: "each" });
  const reader = new Reader({ engine, config, scope: "each", rows: 2 });
  const read = texts(config);
  const addEach = read.map(() => filled(config.width, () => random.normal()));
  const found = await reader.activations(read, [1], { steering: [{ layer: 0, addEach }] });
  for (const [i, ids] of read.entries()) {
    const add = addEach[i] as Float32Array;
    const [alone] = await reader.activations([ids], [1], { steering: [{ layer: 0, add }] });
    expect(distance(found[i]?.get(1) as Float32Array, alone?.get(1) as Float32Array)).toBeLessThan(1e-6);
  }
  await reader.close();
});

describe("a reader", () => {
  const config = MODELS["a Llama, tied"] as TransformerConfig;

  it("reads only the layers it needs", async () => {
    const weights = livelyWeights(config, 1);
    await Trainer.create({ engine, config, weights, scope: "few" });
    // The second layer's weights are gone: a tap after the first does not miss them.
    await engine.dropState(["few.layers.1.down"]);
    const reader = new Reader({ engine, config, scope: "few" });
    const [found] = await reader.activations([[1, 2, 3]], [0]);
    expect(found?.get(0)?.length).toBe(3 * config.width);
    await expect(reader.activations([[1, 2, 3]], [1])).rejects.toThrow('"few.layers.1.down" was never set');
  });

  it("refuses layers, texts and vectors that do not fit", async () => {
    const reader = new Reader({ engine, config, scope: "few" });
    await expect(reader.activations([[1]], [2])).rejects.toThrow("activations: layer 2 is not one of 0 … 1");
    await expect(reader.activations([[]], [0])).rejects.toThrow("a text has no tokens");
    await expect(reader.logProbabilities([Array.from({ length: 65 }, () => 1)])).rejects.toThrow(
      "a text of 65 tokens exceeds the model's 64 positions",
    );
    const steering = [{ layer: 0, add: new Float32Array(3) }];
    await expect(reader.activations([[1]], [0], { steering })).rejects.toThrow("a vector has 3 elements");
    const answers = [{ layer: 0, add: new Float32Array(8), tokens: "answer" as const }];
    await expect(reader.activations([[1]], [0], { steering: answers })).rejects.toThrow(
      "steering of answers needs answersFrom for 1 texts, found none",
    );
    const share = [{ layer: 0, projectOut: new Float32Array(8).fill(1), share: Number.NaN }];
    await expect(reader.activations([[1]], [0], { steering: share })).rejects.toThrow("share must be a number");
    const to = [{ layer: 0, projectOut: new Float32Array(8).fill(1), to: Number.NaN }];
    await expect(reader.activations([[1]], [0], { steering: to })).rejects.toThrow("to must be a number");
    const zero = [{ layer: 0, projectOut: new Float32Array(8) }];
    await expect(reader.activations([[1]], [0], { steering: zero })).rejects.toThrow(
      "the direction to project out is zero",
    );
  });

  it("stops between batches when it is told to", async () => {
    await Trainer.create({ engine, config, weights: livelyWeights(config, 1), scope: "aborted" });
    const reader = new Reader({ engine, config, scope: "aborted", rows: 1 });
    const controller = new AbortController();
    const reading = reader.logProbabilities(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      { signal: controller.signal },
    );
    controller.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
  });
});
