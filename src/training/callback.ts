/** Training steps, and callbacks that run between them and may stop the training. */
import { z } from "zod";
import type { Tensor } from "../model/index.js";

/** One line of `training.jsonl`. */
export interface TrainingStep {
  /** From 1. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Tokens that carried loss. */
  readonly tokens: number;
  readonly seconds: number;
  /** Mean divergence from the model before, in nats, where a defence holds it there. */
  readonly divergence?: number;
}

/** What a line must be at least; a loss that is no number any more is null in JSON. */
export const stepSchema = z.looseObject({ step: z.int().min(1), loss: z.number().nullable() });

/** Where an earlier run of this fine-tune stopped. */
export interface Before {
  /** The last step that was taken; a callback that was interrupted after it may do its work on it again. */
  readonly last: TrainingStep;
  /** The callback's `state` when the checkpoint was made. */
  readonly state: ReadonlyMap<string, Tensor>;
}

export interface TrainingCallback {
  /** Runs before the first step of this run; `done` of `steps` were taken before. Return "stop" to end training. */
  onTrainStart?(done: number, steps: number, before?: Before): Promise<"stop" | "continue">;
  /** Runs after each step, with the model as that step left it. Return "stop" to end training. */
  onStep(step: TrainingStep): Promise<"stop" | "continue">;
  /** State to restore when the fine-tune is carried on; stored with the checkpoint. */
  state?(): ReadonlyMap<string, Tensor>;
}
