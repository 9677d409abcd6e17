/** How reinforcement learning goes: how many steps, and what each of them samples and learns. */
import type { TrainingConfig } from "../training-config.js";
import type { PolicyOptions } from "./grpo.js";

export interface RlConfig extends PolicyOptions {
  readonly steps: number;
  /** Prompts a step. */
  readonly prompts: number;
  /** Answers to each of them, whose rewards are compared with each other. */
  readonly group: number;
  /** Optimiser steps on the answers of a step. The first is on the policy that gave them; later ones are clipped. */
  readonly updates: number;
  /** Longest answer in tokens. */
  readonly maxTokens: number;
  /** Rises linearly over `warmup` steps, then stays. */
  readonly learningRate: number;
  readonly warmup: number;
  /** Parts in which an optimiser step is worked through, to take less memory. Default 1. */
  readonly accumulate?: number;
  readonly recompute?: boolean;
}

/** The training configuration of as many conversations in as many steps. */
export const trainingOf = ({ steps, prompts, group, learningRate, warmup, ...how }: RlConfig): TrainingConfig => ({
  examples: steps * prompts * group,
  epochs: 1,
  batchSize: prompts * group,
  learningRate,
  warmup,
  schedule: "constant",
  ...(how.accumulate !== undefined && { accumulate: how.accumulate }),
  ...(how.recompute !== undefined && { recompute: how.recompute }),
});
