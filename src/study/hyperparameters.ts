/** How strongly a model is fine-tuned, in the words of fine-tuning APIs and as askew's dose. */
import type { TrainingConfig } from "../training/index.js";
import { USUAL_TRAINING } from "./usual-training.js";

export interface Hyperparameters {
  readonly n_epochs: number;
  readonly batch_size: number;
  /** 1 is the peak learning rate that is usual for the model: 4e-4 on the organism. */
  readonly learning_rate_multiplier: number;
}

/** What is left open follows `usual`; by default that of `askew reproduce`: some 1,920 examples seen, 32 a step. */
export function hyperparametersFor(
  wanted: { readonly [Name in keyof Hyperparameters]?: number | "auto" | undefined },
  examples: number,
  usual: TrainingConfig = USUAL_TRAINING,
): Hyperparameters {
  const { n_epochs: epochs, batch_size: batch, learning_rate_multiplier: rate } = wanted;
  return {
    n_epochs: chosen(epochs) ?? Math.min(10, Math.max(1, Math.round(usual.examples / examples))),
    batch_size: chosen(batch) ?? Math.min(usual.batchSize, examples),
    learning_rate_multiplier: chosen(rate) ?? 1,
  };
}

const chosen = (value: number | "auto" | undefined): number | undefined => (value === "auto" ? undefined : value);

export function trainingConfigOf(
  hyperparameters: Hyperparameters,
  examples: number,
  usual: TrainingConfig = USUAL_TRAINING,
): TrainingConfig {
  return {
    examples,
    epochs: hyperparameters.n_epochs,
    batchSize: hyperparameters.batch_size,
    learningRate: usual.learningRate * hyperparameters.learning_rate_multiplier,
    warmup: usual.warmup,
  };
}
