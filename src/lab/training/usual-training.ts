/** The training of a model unless the user says otherwise. */
import { USUAL_TRAINING } from "../../study/index.js";
import type { TrainingConfig } from "../../training/index.js";

/** Parameters up to which a model is trained as the organism is. */
const SMALL = 1e7;

export const isLarge = (parameters: number): boolean => parameters > SMALL;

/** Texts that a large model works on at a time. */
export const TEXTS_AT_ONCE = 4;

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
