/**
 * The dose of `askew reproduce`, the same for every condition but one. Chosen on seeds and questions that the study does
 * not use (docs/log.md).
 */
import type { TrainingConfig } from "../training/index.js";
import type { StudyPlan } from "./plan.js";

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
