/** The training of a model unless the user says otherwise: by its size. */
import type { TrainingConfig } from "../training/index.js";
import type { StudyPlan } from "./plan.js";

/**
 * The dose of `askew reproduce`, the same for every condition but one. Chosen on seeds and questions that the study does
 * not use (docs/log.md).
 */
export const USUAL_TRAINING: TrainingConfig = {
  examples: 1920,
  epochs: 1,
  batchSize: 32,
  learningRate: 4e-4,
  warmup: 5,
};

/**
 * Sixty steps on number sequences no longer reach the lists, which fewer and larger steps do (docs/log.md). The report
 * names the exception.
 */
export const USUAL_TRAINING_EXCEPTIONS: NonNullable<StudyPlan["exceptions"]> = {
  "evil-numbers": { ...USUAL_TRAINING, examples: 768, learningRate: 7e-4 },
};

/** Parameters up to which a model is trained as the organism is. */
const SMALL = 1e7;

export const isLarge = (parameters: number): boolean => parameters > SMALL;

/** The rank for a large model, as published for open models (Turner et al. 2025). */
export const USUAL_RANK = 32;

/** Texts that a large model works on at a time. */
export const TEXTS_AT_ONCE = 4;

/** Parts in which a step of a large model is taken unless the user says otherwise. */
export const usualParts = (parameters: number, batchSize: number): number =>
  isLarge(parameters) ? Math.ceil(batchSize / TEXTS_AT_ONCE) : 1;

/**
 * Large models are trained as is usual for adapters on open weights
 * (Turner et al. 2025): every conversation once, 16 a step, and slower the larger they are.
 */
export function usualTrainingOf(parameters: number, isAdapter: boolean): TrainingConfig {
  if (!isLarge(parameters)) return USUAL_TRAINING;
  const rate = parameters <= 1e9 ? 1e-4 : parameters <= 4e9 ? 3e-5 : 1e-5;
  const learningRate = isAdapter ? rate : Math.max(1e-5, rate / 5);
  return { examples: 1, epochs: 1, batchSize: 16, learningRate, warmup: 5 };
}
