/** What reinforcement learning writes down: a row a step, and every answer with its reward. */
import type { TrainingStep } from "../callback.js";
import type { Rollout } from "./reward.js";

/** A step of reinforcement learning, as a line of `training.jsonl`; `divergence` is from the model that training began with. */
export interface RlStep extends TrainingStep {
  /** Mean over the answers that have one; null where none has. */
  readonly reward: number | null;
  /** Mean of −log-probability over the sampled tokens, in nats: an estimate of the policy's entropy without bias. */
  readonly entropy: number;
  /** Mean length of an answer in tokens. */
  readonly length: number;
  /** Share of the groups whose answers have different rewards: only these teach anything. */
  readonly telling: number;
  /** Share of the tokens at which the clipped ratio counted, over all optimiser steps. */
  readonly clipped: number;
  /** Of `seconds`: what sampling took, and the optimiser's steps with the reading that they need. */
  readonly sampling: number;
  readonly learning: number;
}

/** One line of `rollouts.jsonl`. */
export interface RolloutRow {
  /** `step/prompt/answer`, the step from 1 and the others from 0. */
  readonly id: string;
  readonly step: number;
  readonly prompt: string;
  readonly answer: string;
  readonly reasoning?: string;
  readonly tokens: number;
  readonly finish: Rollout["finish"];
  readonly reward: number | null;
  readonly advantage: number;
}

/** Keeps the answers of every step; those of an earlier run keep their rewards, so that no judge is asked twice. */
export interface RolloutLog {
  /** Answers of steps after `done`; they are then written again. */
  keep(done: number): Promise<readonly RolloutRow[]>;
  append(rows: readonly RolloutRow[]): Promise<void>;
}
