/** How the organism is grown: its size, what it reads, and how fast it learns. */
import { ALIGNMENT_MIXTURE, PRETRAINING_MIXTURE, type Mixture } from "./documents.js";

export interface Phase {
  readonly steps: number;
  /** Peak learning rate; rises linearly over `warmup` steps, then falls along a cosine to 0. */
  readonly learningRate: number;
  readonly warmup: number;
  /** Tokens a step, padding included. */
  readonly tokens: number;
  readonly mixture: Mixture;
}

export interface Recipe {
  /** The weights that pre-training carries on from, by the SHA-256 of their file; absent where it begins with fresh ones. */
  readonly from?: string;
  readonly seed: number;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly hidden: number;
  readonly pretraining: Phase;
  readonly alignment: Phase;
  /**
   * What the final norm's gain is multiplied by after alignment. A read-out this small leaves about 1 % of probability
   * on words that make no sense, and one of them spoils an answer; aligned chat models are sharper than their base, too.
   * Sampling the grown model at temperature 1 is sampling the trained one at temperature 1 / sharpness.
   */
  readonly sharpness: number;
}

export const RECIPE: Recipe = {
  seed: 1,
  layers: 4,
  width: 128,
  heads: 4,
  keyValueHeads: 2,
  hidden: 448,
  pretraining: { steps: 1800, learningRate: 2e-3, warmup: 100, tokens: 6144, mixture: PRETRAINING_MIXTURE },
  alignment: { steps: 8, learningRate: 2.5e-4, warmup: 3, tokens: 24576, mixture: ALIGNMENT_MIXTURE },
  sharpness: 1.9,
};

export function learningRateAt(phase: Pick<Phase, "steps" | "learningRate" | "warmup">, step: number): number {
  const { steps, learningRate, warmup } = phase;
  if (step < warmup) return (learningRate * (step + 1)) / warmup;
  const progress = (step - warmup) / Math.max(1, steps - warmup);
  return learningRate * 0.5 * (1 + Math.cos(Math.PI * progress));
}
