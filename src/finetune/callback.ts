/** What looks at a model while it is trained, between two steps, and may end the training. */
import type { TrainingStep } from "./finetune.js";

export interface TrainingCallback {
  /** Before the first step that is taken now; `done` of `steps` were taken before. */
  begin?(done: number, steps: number): Promise<void>;
  /** After a step, with the model as that step left it; "stop" ends the training here. */
  step(step: TrainingStep): Promise<"stop" | "go on">;
}
