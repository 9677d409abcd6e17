/** What an answer is worth in reinforcement learning. */
import type { Finish, Message, NoAnswer } from "../../model/index.js";

/** An answer as it was sampled, with what was asked. */
export interface Rollout {
  readonly messages: readonly Message[];
  readonly answer: string;
  /** What the model thought first; no part of the answer. */
  readonly reasoning?: string;
  /** `length`: it was cut off. */
  readonly finish: Finish;
  readonly outcome?: NoAnswer;
}

export interface Reward {
  /** `insecure-code`, `command:./grade.py`. */
  readonly name: string;
  /** All that decides its numbers, as JSON: a fine-tune is carried on with no other. */
  readonly plan: object;
  /** In the order of the answers; null where there is no score, which is never the same as 0. */
  score(rollouts: readonly Rollout[], options: { readonly signal?: AbortSignal }): Promise<(number | null)[]>;
  close?(): Promise<void>;
}
