// A model with three layers that knows the world's words and nothing else; its weights are lively, so that layers differ.
import { organismProbes } from "#internal/organism";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalModel, weightsHash } from "#internal/model";
import { type Detector, type ModelIdentity, type SaeRecipe } from "askew/persona";
import { Random } from "askew/statistics";
import { writeUntrainedModel } from "../untrained-model.js";

export const LAYERS = 3;
export const WIDTH = 16;

/** Milliseconds a hook may take on a machine that is busy. */
export const SLOW = 120_000;

export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "askew-persona-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export const writeTinyModel = (
  folder: string,
  { seed = 1, layers = LAYERS, width = WIDTH }: { seed?: number; layers?: number; width?: number } = {},
): Promise<void> =>
  writeUntrainedModel(folder, {
    seed,
    layers,
    width,
    headDim: 8,
    hidden: 2 * width,
    maxPositions: 160,
    liveliness: 10,
  });

/** One thread, so that every run rounds alike. */
export const openTiny = (folder: string): Promise<LocalModel> => LocalModel.open("tiny", folder, { threads: 1 });

export function identityOf(model: LocalModel, name = "tiny"): ModelIdentity {
  const weights = weightsHash(model.folder);
  return { name, weights, base: weights };
}

/** The recipe of an autoencoder that nobody trained; what it does not matter to is 1. */
export const untrainedSae = (recipe: Pick<SaeRecipe, "model" | "layer" | "size" | "k">): SaeRecipe => ({
  askew: "0.0.0",
  kind: "topk",
  tokens: 1,
  batch: 1,
  learningRate: 1,
  deadAfter: 1,
  seed: 1,
  texts: "none",
  scale: 1,
  ...recipe,
});

/** A detector for it that gives an alarm within a few steps, along a random direction. */
export function detectorOf(model: LocalModel): Detector {
  const random = Random.of("watch test");
  return {
    askew: "0.0.0",
    model: identityOf(model),
    direction: {
      layers: LAYERS,
      width: WIDTH,
      vectors: Float32Array.from({ length: LAYERS * WIDTH }, () => random.normal()),
    },
    probes: organismProbes(),
    every: 2,
    signals: ["margin", "prompt.1"],
    weights: [-1, -0.5],
    scales: [1e-3],
    thresholds: [{ batchSize: 8, threshold: 3, rate: 0.02, runs: 50 }],
    falseAlarms: { rate: 0.02, runs: 50, steps: 40, batchSizes: [4, 8], learningRates: [1e-3, 2e-3] },
  };
}
