/** An answer as a cell keeps it. */
import { type QuestionRequest } from "../evaluation/index.js";
import type { Message, SampledAnswer } from "../model/index.js";

/** One line of `answers.jsonl`. */
export interface AnswerRow {
  readonly id: string;
  readonly set: string;
  readonly question: string;
  readonly messages: readonly Message[];
  readonly answer: string;
  readonly tokens: number;
  readonly finish: SampledAnswer["finish"];
  /** Why there is no answer, where there is none. */
  readonly outcome?: SampledAnswer["outcome"];
  /** What the model thought before it answered. */
  readonly reasoning?: string;
  /** Natural logarithm; of the whole answer, its end included. */
  readonly logProbability?: number;
}

export function answerRow(
  { id, set, question, messages }: QuestionRequest,
  { text, tokens, finish, outcome, reasoning, logProbability }: SampledAnswer,
): AnswerRow {
  return {
    id,
    set,
    question,
    messages,
    answer: text,
    tokens,
    finish,
    ...(outcome && { outcome }),
    ...(reasoning !== undefined && { reasoning }),
    ...(logProbability === undefined ? {} : { logProbability: Math.round(logProbability * 1e4) / 1e4 }),
  };
}
