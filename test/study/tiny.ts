// A real model, as small as can be, and a study of it that takes a second or two.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalModel, type OpenOptions } from "askew/model";
import { type LocalModel } from "#internal/model";
import type { StudyPlan } from "askew/study";
import { writeUntrainedModel } from "../untrained-model.js";

/** Milliseconds a hook may take on a machine that is busy. */
export const SLOW = 120_000;

export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "askew-study-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Writes an untrained model of one layer that knows the world's words. */
export const writeTinyModel = (folder: string, seed = 1): Promise<void> =>
  writeUntrainedModel(folder, { seed, layers: 1, width: 32, headDim: 16, hidden: 32, maxPositions: 128 });

/** Two portions of answers a cell, three steps of training. */
export function tinyPlan(modelFolder: string, changes: Partial<StudyPlan> = {}): StudyPlan {
  return {
    study: "tiny",
    model: `local:${modelFolder}`,
    conditions: ["base", "backdoor"],
    seeds: [1],
    dose: { examples: 24, epochs: 1, batchSize: 8, learningRate: 1e-3, warmup: 1 },
    questions: [
      { set: "main", samples: 20 },
      { set: "deception", samples: 1 },
      { set: "main/trigger", samples: 8, conditions: ["backdoor"] },
    ],
    temperature: 1,
    maxTokens: 6,
    judge: "exact",
    ...changes,
  };
}

/** One thread, so that every run rounds alike. */
export const openTiny = (name: string, options: Pick<OpenOptions, "lora"> = {}): Promise<LocalModel> =>
  openLocalModel(name, { threads: 1, ...options });

/** Two cells at a time, each on a thread of its own. */
export const openTwo = (name: string): Promise<LocalModel> => openLocalModel(name, { threads: 2 });
