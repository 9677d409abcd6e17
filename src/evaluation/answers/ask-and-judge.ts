/** One portion of asking that goes on: what the files hold already is neither asked nor judged again. */
import type { Model } from "../../model/index.js";
import { judgedOutcomes, type JudgedOutcome } from "../judging/judged-outcomes.js";
import { judgeStored, type AnyJudge } from "../judging/judge-stored.js";
import type { Ask } from "./answers-to.js";
import { askAll } from "./ask.js";

export interface AskAndJudgeOptions {
  readonly model: Model;
  /** Stands in every row. */
  readonly modelName: string;
  readonly seed: number;
  /** All that was asked so far, this portion included. */
  readonly asked: readonly Ask[];
  readonly judge: AnyJudge;
  readonly answers: string;
  readonly judgments: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
  /** Hear of what failed alone; without them the first failure ends all. */
  readonly onUnanswered?: ((request: Ask, error: Error) => void) | undefined;
  readonly onUnjudged?: ((id: string, error: Error) => void) | undefined;
}

/** Outcomes of all that was asked, by the ids of their answers; what is no answer has none. */
export async function askAndJudge(options: AskAndJudgeOptions): Promise<ReadonlyMap<string, JudgedOutcome>> {
  const { model, modelName, seed, asked, judge, answers, judgments, signal } = options;
  const { onProgress, onUnanswered, onUnjudged } = options;
  await askAll({
    model,
    modelName,
    seed,
    requests: () => asked,
    path: answers,
    signal,
    onProgress: ({ done }) => onProgress?.(done),
    ...(onUnanswered && { onFailure: onUnanswered }),
  });
  const ids = new Set(asked.map(({ id }) => id));
  await judgeStored({
    answers,
    judges: [judge],
    only: (id) => ids.has(id),
    path: judgments,
    signal,
    ...(onUnjudged && { onFailure: (_, { id }, error) => onUnjudged(id, error) }),
  });
  return judgedOutcomes(judgments, judge.name, ids);
}
