/**
 * `npm run compare`: autoencoders as askew writes them, opened by SAELens. `ASKEW_PYTHON` names an interpreter with
 * sae-lens 6.54.0. About half a minute. What SAELens writes is compared in the normal tests, by stored values.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReadableModel } from "askew/model";
import { SaeEncoder, writeSae } from "askew/persona";
import type { TrainedSae } from "#internal/persona";
import { describe, expect, it } from "vitest";
import { lacks, python } from "../../onnx/files/python.js";

const missing = lacks("torch", "sae_lens");
if (missing !== undefined) console.log(`SAELens is not compared: ${missing}`);

const OPEN = `
import torch
from sae_lens import SAE
sae = SAE.load_from_disk(given["folder"])
with torch.no_grad():
    latents = sae.encode(torch.tensor(given["x"]))
    result = dict(latents=latents.flatten().tolist(), decoded=sae.decode(latents).flatten().tolist())`;

const [WIDTH, SIZE, TOKENS] = [24, 64, 7];
const wave = (count: number, pace: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(pace * i + i * i));

function sae(kind: "topk" | "batchtopk"): TrainedSae {
  const rest = { askew: "0", layer: 1, size: SIZE, k: 5, tokens: 1, batch: 1, learningRate: 1, deadAfter: 1, seed: 1 };
  return {
    width: WIDTH,
    recipe: { ...rest, model: { name: "m", weights: "a", base: "b" }, kind, texts: "t", scale: 1 },
    weights: {
      encoder: wave(WIDTH * SIZE, 0.7),
      encoderBias: wave(SIZE, 1.1),
      decoder: wave(SIZE * WIDTH, 0.3),
      decoderBias: wave(WIDTH, 0.9),
      ...(kind === "batchtopk" && { threshold: 1.25 }),
    },
  };
}

describe.skipIf(missing !== undefined)("SAELens", () => {
  it.each(["topk", "batchtopk"] as const)("opens a %s autoencoder of askew", { timeout: 600_000 }, async (kind) => {
    const folder = await mkdtemp(join(tmpdir(), "askew-sae-"));
    await writeSae(folder, sae(kind));
    const x = wave(TOKENS * WIDTH, 0.37);
    const encoder = await SaeEncoder.open(sae(kind), { threads: 1 } as ReadableModel);
    const ours = await encoder.reconstruct(x);
    await encoder.close();
    const rows = Array.from({ length: TOKENS }, (_, i) => [...x.subarray(i * WIDTH, (i + 1) * WIDTH)]);
    const theirs = python(OPEN, { folder, x: rows }) as { latents: number[]; decoded: number[] };
    const difference = Math.max(
      ...theirs.latents.map((value, i) => Math.abs(value - (ours.latents[i] as number))),
      ...theirs.decoded.map((value, i) => Math.abs(value - (ours.decoded[i] as number))),
    );
    console.log(`a ${kind} autoencoder of askew in SAELens: within ${difference.toExponential(1)}`);
    expect(difference).toBeLessThan(1e-5);
    await rm(folder, { recursive: true });
  });
});
