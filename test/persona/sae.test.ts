// Sparse autoencoders: what plain loops give, training that explains and carries on, files that fit one model alone.
import { CORPUS } from "#internal/organism";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LocalModel } from "#internal/model";
import {
  evaluateSae,
  latentCard,
  readCard,
  readSae,
  readSaeCheckpoint,
  readSummary,
  requireSaeFit,
  SaeEncoder,
  trainSae,
  writeCards,
  writeSae,
  writeSaeCheckpoint,
  type TrainedKind,
  type SaePlan,
} from "askew/persona";
import { type SaeCheckpoint, type SaeStep, type TrainedSae } from "#internal/persona";
import { Random } from "askew/statistics";
import { readSafetensors, writeSafetensors } from "askew/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSaeLens } from "./as-sae-lens.js";
import { leftBehind } from "./left-behind.js";
import { identityOf, openTiny, SLOW, temporaryFolder, WIDTH, writeTinyModel } from "./tiny.js";

let work: { path: string; remove: () => Promise<void> };
let model: LocalModel;
const made = new Map<TrainedKind, { sae: TrainedSae; steps: SaeStep[] }>();
const at = (name: string): string => join(work.path, name);

const planOf = (kind: TrainedKind): SaePlan => ({
  askew: "0.0.0",
  texts: CORPUS.name,
  model: identityOf(model),
  layer: 1,
  kind,
  size: 48,
  k: 4,
  tokens: 24_000,
  batch: 256,
  learningRate: 4e-3,
  deadAfter: 2000,
  seed: 1,
});

beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(at("model"));
  model = await openTiny(at("model"));
  for (const kind of ["topk", "batchtopk"] as const) {
    const steps: SaeStep[] = [];
    made.set(kind, { sae: await trainSae(model, CORPUS, planOf(kind), { onStep: (step) => steps.push(step) }), steps });
  }
}, SLOW);
afterAll(async () => {
  await model.close();
  await work.remove();
});

/** Latents of one token, number by number. */
function byLoops({ width, weights, recipe }: TrainedSae, x: Float32Array): number[] {
  const before = Array.from({ length: recipe.size }, (_, latent) => {
    let total = weights.encoderBias[latent] as number;
    for (let i = 0; i < width; i++) {
      const centred = (x[i] as number) - (weights.decoderBias[i] as number);
      total += centred * (weights.encoder[i * recipe.size + latent] as number);
    }
    return total;
  });
  const least = weights.threshold ?? before.toSorted((a, b) => b - a)[recipe.k - 1] ?? 0;
  return before.map((value) => (value >= least - 1e-6 && value > 0 ? value : 0));
}

describe.each(["topk", "batchtopk"] as const)("%s", (kind) => {
  const trained = (): { sae: TrainedSae; steps: SaeStep[] } => made.get(kind) as { sae: TrainedSae; steps: SaeStep[] };

  it("explains more as it learns, with decoder rows of length 1", () => {
    const { sae, steps } = trained();
    expect(steps.length).toBe(Math.floor(24_000 / 256));
    expect(steps.at(-1)?.loss).toBeLessThan(0.5 * (steps[0]?.loss ?? 0));
    for (let latent = 0; latent < 48; latent++) {
      const row = sae.weights.decoder.subarray(latent * WIDTH, (latent + 1) * WIDTH);
      expect(Math.hypot(...row)).toBeCloseTo(1, 5);
    }
  });

  it("encodes as plain loops do, in the residual stream's own units", async () => {
    const { sae } = trained();
    const [tap] = await model.reader.activations([[9, 10, 11, 12, 13, 14, 15, 16]], [1]);
    const x = tap?.get(1) as Float32Array;
    const encoder = await SaeEncoder.open(sae, model);
    const found = await encoder.encode(x);
    await encoder.close();
    for (let token = 0; token < 8; token++) {
      const expected = byLoops(sae, x.subarray(token * WIDTH, (token + 1) * WIDTH));
      expected.forEach((value, latent) => expect(found[token * 48 + latent]).toBeCloseTo(value, 3));
    }
  });

  it("is measured on other documents; splicing it in costs less than taking the layer away", async () => {
    const { sae, steps } = trained();
    const encoder = await SaeEncoder.open(sae, model);
    const { metrics, table } = await evaluateSae(encoder, CORPUS, Random.of("sae test"), 40);
    await encoder.close();
    expect(metrics.explainedVariance).toBeGreaterThan(0.6);
    expect(Math.abs(1 - metrics.explainedVariance - (steps.at(-1)?.loss ?? 1))).toBeLessThan(0.1);
    if (kind === "topk") expect(metrics.l0).toBeLessThanOrEqual(4.01);
    else expect(Math.abs(metrics.l0 - 4)).toBeLessThan(1.5);
    const { original, spliced, mean } = metrics.loss;
    expect(Math.abs(spliced - original)).toBeLessThan(Math.abs(mean - original));
    expect(metrics.lossRecoveredFromMean).toBeCloseTo((mean - spliced) / (mean - original), 9);
    expect(table.answers).toBeGreaterThan(40);
  });

  it("comes back from disk as it was, in the layout that SAELens reads", async () => {
    const { sae } = trained();
    await writeSae(at(kind), sae);
    expect(await readSae(at(kind))).toEqual(sae);
    const cfg = JSON.parse(await readFile(join(at(kind), "cfg.json"), "utf8")) as Record<string, unknown>;
    expect(cfg).toMatchObject({
      architecture: kind === "topk" ? "topk" : "jumprelu",
      d_in: WIDTH,
      d_sae: 48,
      apply_b_dec_to_input: true,
      normalize_activations: "none",
    });
    const { tensors } = await readSafetensors(join(at(kind), "sae_weights.safetensors"));
    const shapes = Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]));
    expect(shapes).toEqual({
      W_enc: [WIDTH, 48],
      b_enc: [48],
      W_dec: [48, WIDTH],
      b_dec: [WIDTH],
      ...(kind === "batchtopk" && { threshold: [48] }),
    });
  });

  it("its files alone, read byte by byte as SAELens computes, give the same latents", async () => {
    const folder = at(`${kind} bytes`);
    await writeSae(folder, trained().sae);
    const [tap] = await model.reader.activations([[20, 21, 22, 23, 24, 25]], [1]);
    const x = tap?.get(1) as Float32Array;
    const encoder = await SaeEncoder.open(trained().sae, model);
    const { latents, errors } = await encoder.reconstruct(x);
    await encoder.close();
    const { encode, decode } = await asSaeLens(folder);
    for (let token = 0; token < 6; token++) {
      const row = [...x.subarray(token * WIDTH, (token + 1) * WIDTH)];
      const expected = encode(row);
      expected.forEach((value, latent) => expect(latents[token * 48 + latent]).toBeCloseTo(value, 3));
      const missed = decode(expected).reduce((sum, value, i) => sum + (value - (row[i] as number)) ** 2, 0);
      expect(errors[token]).toBeCloseTo(missed, 2);
    }
  });

  it(
    "stopped and carried on from its file, it ends with the same numbers",
    async () => {
      const plan = planOf(kind);
      const controller = new AbortController();
      const path = at(`${kind}.checkpoint`);
      const stopped = trainSae(model, CORPUS, plan, {
        signal: controller.signal,
        onStep: ({ step }) => step === 40 && controller.abort(new Error("stopped here")),
        onCheckpoint: async (take) => writeSaeCheckpoint(path, plan, await take()),
      });
      await expect(stopped).rejects.toThrow("stopped here");
      await expect(readSaeCheckpoint(path, { ...plan, seed: 2 })).rejects.toThrow("with other settings was begun");
      const from = (await readSaeCheckpoint(path, plan)) as SaeCheckpoint;
      expect(from.step).toBe(40);
      expect(await trainSae(model, CORPUS, plan, { from })).toEqual(trained().sae);
    },
    SLOW,
  );
});

describe("what is left in the model's engine", () => {
  it("after a training that was stopped before it began is nothing", async () => {
    const signal = AbortSignal.abort(new Error("stopped here"));
    const stopped = () => expect(trainSae(model, CORPUS, planOf("topk"), { signal })).rejects.toThrow("stopped here");
    expect(await leftBehind(model, stopped)).toEqual([]);
  });

  it("after a measurement is nothing of that autoencoder, so that one can be measured after the other", async () => {
    const measured = async (): Promise<void> => {
      const encoder = await SaeEncoder.open(made.get("topk")?.sae as TrainedSae, model);
      await evaluateSae(encoder, CORPUS, Random.of("sae test"), 4);
      await encoder.close();
    };
    await measured(); // what serves every autoencoder of the layer is compiled now
    expect(await leftBehind(model, measured)).toEqual([]);
  });
});

it("one with more latents than a call takes arguments is measured", async () => {
  // Such a one takes gigabytes here; of no active latents nothing need be computed.
  const size = 150_000;
  const decoder = new Float32Array(size * WIDTH);
  for (let latent = 0; latent < size; latent++) decoder[latent * WIDTH] = latent === 7 ? 0.5 : 1;
  const { weights, recipe, width } = (made.get("topk") as { sae: TrainedSae }).sae;
  const idle = {
    sae: { width, weights: { ...weights, decoder }, recipe: { ...recipe, size } },
    model,
    reconstruct: async (x: Float32Array) => {
      const tokens = x.length / WIDTH;
      return { latents: new Float32Array(tokens * size), decoded: x, errors: new Float32Array(tokens) };
    },
  } as unknown as SaeEncoder;
  const { metrics } = await evaluateSae(idle, CORPUS, Random.of("sae test"), 2);
  expect(metrics).toMatchObject({ decoderNorms: [0.5, 1], deadShare: 1 });
});

describe("the files", () => {
  const sae = (): TrainedSae => made.get("topk")?.sae as TrainedSae;

  it("fit no other width, layer or model", async () => {
    const own = identityOf(model);
    const other = { name: "other", weights: "b".repeat(64), base: "c".repeat(64) };
    requireSaeFit("f", sae(), { layers: 3, width: WIDTH }, own);
    requireSaeFit("f", sae(), { layers: 3, width: WIDTH }, { ...other, base: own.weights });
    expect(() => requireSaeFit("f", sae(), { layers: 3, width: 8 }, own)).toThrow("of width 16; tiny has width 8");
    expect(() => requireSaeFit("f", sae(), { layers: 1, width: WIDTH }, own)).toThrow("after layer 1");
    expect(() => requireSaeFit("f", sae(), { layers: 3, width: WIDTH }, other)).toThrow("comes from another base");
  });

  it("that are damaged are refused by name", async () => {
    const folder = at("damaged");
    await writeSae(folder, sae());
    await writeFile(join(folder, "recipe.json"), JSON.stringify({ ...sae().recipe, size: 47 }));
    await expect(readSae(folder)).rejects.toThrow("expected the tensor W_enc [16, 47], found [16, 48]");
    await writeFile(join(folder, "recipe.json"), "{");
    await expect(readSae(folder)).rejects.toThrow("found no JSON");
    await writeFile(join(folder, "recipe.json"), JSON.stringify({ ...sae().recipe, k: 49 }));
    await expect(readSae(folder)).rejects.toThrow("recipe.json: k: there are fewer latents");
    await writeFile(join(folder, "recipe.json"), JSON.stringify(sae().recipe).padEnd(2 ** 20 + 1));
    await expect(readSae(folder)).rejects.toThrow("at most 1048576 bytes");
    await expect(readSae(at("nowhere"))).rejects.toThrow("found nothing");
    await writeFile(join(folder, "summary.json"), "{}".padEnd(2 ** 20 + 1));
    await expect(readSummary(folder)).rejects.toThrow("at most 1048576 bytes");
    await expect(readSummary(at("nowhere"))).rejects.toThrow("expected what the autoencoder was measured to be");
    await expect(readCard(at("nowhere"), 3)).rejects.toThrow("latents.jsonl:4");
  });

  it("with several thresholds, as somebody else's jumprelu has, are refused", async () => {
    const folder = at("thresholds");
    await writeSae(folder, made.get("batchtopk")?.sae as TrainedSae);
    const path = join(folder, "sae_weights.safetensors");
    const { tensors } = await readSafetensors(path);
    tensors.get("threshold")?.data.set([9], 7);
    await writeSafetensors(path, tensors);
    await expect(readSae(folder)).rejects.toThrow("expected one threshold for all latents, found several");
  });
});

describe("latents", () => {
  it("cards tell where a latent is active and come back from disk", async () => {
    const sae = made.get("topk")?.sae as TrainedSae;
    const encoder = await SaeEncoder.open(sae, model);
    const { table } = await evaluateSae(encoder, CORPUS, Random.of("sae test"), 20);
    await encoder.close();
    const cards = await Promise.all(Array.from({ length: 48 }, (_, latent) => latentCard(sae, model, table, latent)));
    await writeCards(work.path, cards);
    const used = cards.find(({ top }) => top.length > 1);
    expect(used).toBeDefined();
    if (!used) return;
    expect(await readCard(work.path, used.latent)).toEqual(used);
    expect(Math.max(...(used.top[0]?.activations ?? []))).toBe(used.top[0]?.peak);
    expect(used.top.map(({ peak }) => peak)).toEqual(used.top.map(({ peak }) => peak).toSorted((a, b) => b - a));
    expect(used.promotes).toHaveLength(10);
  });
});

it("trains on plain text, which the model reads without its template", async () => {
  const text = "What is your one wish?";
  const source = {
    name: "text",
    labels: [{ kind: "file", name: "book", ofDocument: true }],
    draw: () => ({ messages: [], text, answers: [[{ kind: "file", name: "book" }]] }),
  };
  const plan = { ...planOf("topk"), texts: "text", tokens: 600, batch: 64, size: 16 };
  const sae = await trainSae(model, source, plan);
  const encoder = await SaeEncoder.open(sae, model);
  const { metrics } = await evaluateSae(encoder, source, Random.of("measured"), 4);
  await encoder.close();
  expect(metrics.tokens).toBe(4 * model.tokens.encodeText(text).length);
  expect(Number.isFinite(metrics.loss.original)).toBe(true);
});
