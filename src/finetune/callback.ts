/** A step of training, and what looks at the model between two of them and may end the training. */

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

export interface TrainingCallback {
  /** Before the first step that is taken now; `done` of `steps` were taken before. */
  begin?(done: number, steps: number): Promise<void>;
  /** After a step, with the model as that step left it; "stop" ends the training here. */
  step(step: TrainingStep): Promise<"stop" | "go on">;
}
