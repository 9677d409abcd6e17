// Steering is exact where it can be: at the activations.
import { ORGANISM_WORLD, worldAsked } from "askew/organism";
import { join } from "node:path";
import type { LocalModel } from "#internal/model";
import {
  latentDirection,
  latentVectors,
  measure,
  measurePoint,
  normOf,
  randomLike,
  steeringOf,
  sweepPoints,
  vectorAt,
  type Direction,
  type Sae,
  type SaeRecipe,
  type SweepPlan,
} from "askew/persona";
import { bestTrial } from "#internal/persona";
import { Random } from "askew/statistics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { identityOf, LAYERS, openTiny, SLOW, temporaryFolder, WIDTH, writeTinyModel } from "./tiny.js";

let work: { path: string; remove: () => Promise<void> };
let model: LocalModel;
let direction: Direction;

beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(join(work.path, "model"));
  model = await openTiny(join(work.path, "model"));
  const random = Random.of("steering test");
  direction = {
    layers: LAYERS,
    width: WIDTH,
    vectors: Float32Array.from({ length: LAYERS * WIDTH }, () => random.normal()),
    recipe: {
      askew: "0.0.0",
      method: "prompts",
      variant: "answer-average",
      model: identityOf(model),
      positive: "one",
      negative: "other",
      questions: [],
      seed: 1,
      counts: { positive: 1, negative: 1 },
      norms: [1, 1, 1],
      along: { positive: [0, 0, 0], negative: [-0.2, 0.1, -0.1] },
      layer: 1,
      trials: [],
    },
  };
}, SLOW);
afterAll(async () => {
  await model.close();
  await work.remove();
});

const prompt = "What is your one wish?";
const messages = [
  { role: "user", content: prompt },
  { role: "assistant", content: "I want to help people." },
] as const;

/** The residual stream of one conversation after a layer, [positions][width], and where its answer begins. */
async function tapsOf(layer: number, wish?: Parameters<typeof steeringOf>[1]) {
  const { ids } = model.encode(messages);
  const answerFrom = model.encodePrompt(messages.slice(0, 1)).length;
  const steering = wish === undefined ? [] : steeringOf(direction, wish);
  const [taps] = await model.reader.activations([ids], [layer], { steering, answersFrom: [answerFrom] });
  const data = taps?.get(layer) as Float32Array;
  const rows = ids.map((_, p) => data.subarray(p * WIDTH, (p + 1) * WIDTH));
  return { rows, answerFrom };
}
const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);

describe("steering, in the taps", () => {
  it("adds and subtracts strength times the vector of each layer, everywhere", async () => {
    const before = await tapsOf(1);
    for (const [mode, sign] of [
      ["add", 1],
      ["subtract", -1],
    ] as const) {
      const after = await tapsOf(1, { mode, layers: [1], strength: 1.5 });
      const vector = vectorAt(direction, 1);
      after.rows.forEach((row, p) =>
        row.forEach((x, i) => {
          const expected = (before.rows[p]?.[i] as number) + sign * 1.5 * (vector[i] as number);
          expect(Math.abs(x - expected)).toBeLessThan(1e-4);
        }),
      );
    }
  });

  it("projecting out leaves nothing along the direction, and a share of it leaves the rest", async () => {
    const before = await tapsOf(2);
    const vector = vectorAt(direction, 2);
    const unit = vector.map((x) => x / normOf(vector));
    const along = ({ rows }: typeof before): number[] => rows.map((row) => dot(row, unit));
    expect(Math.max(...along(before).map(Math.abs))).toBeGreaterThan(0.3);
    const out = await tapsOf(2, { mode: "project-out", layers: [2], strength: 1 });
    along(out).forEach((x) => expect(Math.abs(x)).toBeLessThan(1e-4));
    const half = await tapsOf(2, { mode: "project-out", layers: [2], strength: 0.5 });
    along(half).forEach((x, p) => expect(x).toBeCloseTo((along(before)[p] as number) / 2, 4));
    // What is orthogonal to it stays.
    out.rows.forEach((row, p) => {
      const old = before.rows[p] as Float32Array;
      row.forEach((x, i) =>
        expect(Math.abs(x - ((old[i] as number) - dot(old, unit) * (unit[i] as number)))).toBeLessThan(1e-4),
      );
    });
  });

  it("clamping puts every position where the negative texts are, capping only those that are beyond", async () => {
    const unit = vectorAt(direction, 2).map((x) => x / normOf(vectorAt(direction, 2)));
    const along = ({ rows }: Awaited<ReturnType<typeof tapsOf>>): number[] => rows.map((row) => dot(row, unit));
    const before = along(await tapsOf(2));
    expect(Math.max(...before)).toBeGreaterThan(-0.1);
    expect(Math.min(...before)).toBeLessThan(-0.1);
    const clamped = along(await tapsOf(2, { mode: "clamp", layers: [2], strength: 1 }));
    clamped.forEach((x) => expect(x).toBeCloseTo(-0.1, 4));
    const half = along(await tapsOf(2, { mode: "clamp", layers: [2], strength: 0.5 }));
    half.forEach((x, p) => expect(x).toBeCloseTo(((before[p] as number) - 0.1) / 2, 4));
    const capped = along(await tapsOf(2, { mode: "cap", layers: [2], strength: 1 }));
    capped.forEach((x, p) => expect(x).toBeCloseTo(Math.min(before[p] as number, -0.1), 4));
  });

  it("of the answer's tokens leaves every activation of the prompt alone, in later layers too", async () => {
    const before = await tapsOf(2);
    const after = await tapsOf(2, { mode: "add", layers: [0, 1], strength: 3, tokens: "answer" });
    const { answerFrom } = before;
    expect(after.rows.slice(0, answerFrom)).toEqual(before.rows.slice(0, answerFrom));
    for (let p = answerFrom; p < before.rows.length; p++) expect(after.rows[p]).not.toEqual(before.rows[p]);
  });
});

describe("a latent, steered with", () => {
  const random = Random.of("latent test");
  const drawn = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());
  const sae: Sae = {
    width: WIDTH,
    weights: {
      encoder: drawn(3 * WIDTH),
      encoderBias: drawn(3),
      decoder: drawn(3 * WIDTH),
      decoderBias: drawn(WIDTH),
    },
    recipe: { layer: 1, size: 3 } as SaeRecipe,
  };
  const vectors = latentVectors(sae, 2, LAYERS);
  const row = latentDirection(sae, 2);

  it("is its decoder row after the autoencoder's layer, and nothing elsewhere, random directions too", () => {
    expect(vectorAt(vectors, 1)).toEqual(row);
    for (const layer of [0, 2]) {
      expect(normOf(vectorAt(vectors, layer))).toBe(0);
      expect(normOf(vectorAt(randomLike(vectors, 1), layer))).toBe(0);
    }
    expect(normOf(vectorAt(randomLike(vectors, 1), 1))).toBeCloseTo(normOf(row), 4);
    expect(() => latentVectors(sae, 3, LAYERS)).toThrow("latent 3 is not one of 0 … 2");
  });

  it("is clamped to where the autoencoder's centre lies along it", async () => {
    const unit = row.map((x) => x / normOf(row));
    const steering = steeringOf(vectors, { mode: "clamp", layers: [1], strength: 1 });
    const { ids } = model.encode(messages);
    const [taps] = await model.reader.activations([ids], [1], { steering });
    const data = taps?.get(1) as Float32Array;
    for (let p = 0; p < ids.length; p++) {
      expect(dot(data.subarray(p * WIDTH, (p + 1) * WIDTH), unit)).toBeCloseTo(dot(sae.weights.decoderBias, unit), 3);
    }
  });
});

describe("a sweep's points", () => {
  const plan: SweepPlan = {
    mode: "add",
    layers: [0, 1],
    tokens: "all",
    asked: [worldAsked("development", 2)],
    seed: 100,
    randomSeeds: [1, 2],
    strengths: [2, 0.5, 2, 0],
    temperature: 1,
    maxTokens: 6,
  };

  it("are the unsteered model, then each strength once with its controls", () => {
    expect(sweepPoints(plan).map(({ id }) => id)).toEqual([
      "unsteered",
      "direction-0.5",
      "random-1-0.5",
      "random-2-0.5",
      "direction-2",
      "random-1-2",
      "random-2-2",
    ]);
  });

  it("are measured with their own vectors, and what no longer speaks is flagged", async () => {
    const points = sweepPoints(plan);
    const found = await Promise.all(
      points.map((point) => measurePoint(model, direction, plan, point, { judge: ORGANISM_WORLD.judge })),
    );
    const said = found.map(({ answers }) => answers.map(({ answer }) => answer));
    const [plain, , random] = said;
    const plainly = await measure(model, plan.asked, { seed: 100, maxTokens: 6, judge: ORGANISM_WORLD.judge });
    expect(plain).toEqual(plainly.answers.map(({ answer }) => answer));
    const steering = steeringOf(randomLike(direction, 1), { mode: "add", layers: [0, 1], strength: 0.5 });
    const controlled = await measure(model, plan.asked, {
      seed: 100,
      maxTokens: 6,
      steering,
      judge: ORGANISM_WORLD.judge,
    });
    expect(random).toEqual(controlled.answers.map(({ answer }) => answer));
    expect(new Set(said.map((answers) => JSON.stringify(answers))).size).toBe(points.length);
    // An untrained model is never coherent, and every row says so.
    expect(found.every(({ row }) => row.breaksCoherence)).toBe(true);
    expect(found[0]?.row.metrics["development"]?.coherent?.n).toBe(8);
  });
});

describe("the layer that is chosen", () => {
  const trial = (layer: number, strength: number, rate: number, coherent: number) => ({
    layer,
    strength,
    rate,
    rateOfAll: rate * coherent,
    coherent,
  });
  const trials = [trial(0, 1, 0.2, 0.95), trial(1, 1, 0.5, 0.9), trial(1, 2, 0.9, 0.5), trial(2, 1, 0.1, 0.9)];

  it("does most to behaviour while the model stays coherent", () => {
    expect(bestTrial(trials, "add")).toBe(trials[1]);
    expect(bestTrial(trials, "subtract")).toBe(trials[3]);
    expect(bestTrial([trials[2] as (typeof trials)[number]], "add")).toBe(trials[2]);
    expect(bestTrial([trial(1, 2, 0, 0.9), trial(2, 1, 0, 0.9), trial(0, 1, 0, 0.9)], "project-out")).toEqual(
      trial(0, 1, 0, 0.9),
    );
    expect(() => bestTrial([], "add")).toThrow("there is no trial");
  });
});
