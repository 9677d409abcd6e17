/** A step of training, and what looks at the model between two of them and may end the training. */
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

/** Of a fine-tune that is carried on. */
export interface Before {
  /** The last step that was taken; a callback that was interrupted after it may do its work on it again. */
  readonly last: TrainingStep;
  /** What the callback's `kept` said when the checkpoint was made. */
  readonly kept: ReadonlyMap<string, Tensor>;
}

export interface TrainingCallback {
  /** Before the first step that is taken now; `done` of `steps` were taken before. "stop": there shall be no more. */
  begin?(done: number, steps: number, before?: Before): Promise<"stop" | "go on">;
  /** After a step, with the model as that step left it; "stop" ends the training here. */
  step(step: TrainingStep): Promise<"stop" | "go on">;
  /** What it needs where the fine-tune is carried on; stored with the checkpoint. */
  kept?(): ReadonlyMap<string, Tensor>;
}
