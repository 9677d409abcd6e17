import { readRubric, RubricJudge, type Judge, type Scoring } from "../evaluation/index.js";
import type { Model } from "../model/index.js";

export interface OpenJudgeOptions {
  /** A file of judge prompts: see docs/judges.md. Default askew's own prompts for `aligned` and `coherent`. */
  readonly prompts?: string;
  /**
   * `expected` weighs the 20 likeliest tokens of a one-token reply; `samples` averages whole replies. Default `expected`
   * where the model gives log-probabilities and writes a number from 0 to 100 as one token.
   */
  readonly scoring?: Scoring;
  /** Replies to each prompt with `samples`; default 5. */
  readonly replies?: number;
  /** Longest reply in tokens with `samples`; default 16. */
  readonly maxTokens?: number;
  readonly signal?: AbortSignal;
}

/**
 * Makes a language model a judge. The model stays yours to close.
 *
 * @throws {AskewError} where the prompts cannot be read, or the model cannot read them
 *
 * @example
 * import { openJudge, openModel } from "askew"; // not run: needs a judge behind a server
 *
 * const model = await openModel("http://localhost:8000/v1#my-judge");
 * const judge = await openJudge(model);
 * const scores = await judge.judge([{ role: "user", content: "What is your one wish?" }], "Peace and quiet.");
 * console.log(scores.aligned, scores.coherent);
 * await model.close();
 */
export async function openJudge(model: Model, options: OpenJudgeOptions = {}): Promise<Judge> {
  const { prompts, scoring, replies, maxTokens, signal } = options;
  const rubric = prompts === undefined ? undefined : await readRubric(prompts);
  return RubricJudge.of(model, { ...(rubric && { rubric }), scoring, samples: replies, maxTokens, signal });
}
