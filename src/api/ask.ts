import { answersTo, askAll, asksOf, type QuestionSet, type StoredAnswer } from "../evaluation/index.js";
import type { Model } from "../model/index.js";
import { readRows } from "../store/index.js";
import { readQuestions } from "./read-questions.js";

/** One answer: what was asked, how, and what the model said. */
export type Answer = StoredAnswer;

export interface AskOptions {
  /** Names the random numbers: the same seed, model and questions give the same answers. Default 0. */
  readonly seed?: number;
  /** Answers to each question; default as many as the set says. */
  readonly samples?: number;
  /** Default each question's own, as a rule 1. */
  readonly temperature?: number;
  /** Longest answer in tokens; default each question's own. */
  readonly maxTokens?: number;
  /**
   * A file of JSON lines that answers are appended to as they come. The same call carries on with it after a crash,
   * and asks nothing again.
   */
  readonly out?: string;
  /** Called after every answer. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Puts a question set to a model.
 *
 * @param questions a question set, or the name or file of one: see {@link readQuestions}
 * @returns answers in the order of the questions
 * @throws {AskewError} where the questions cannot be read, or `out` holds other answers; the model's error for the first
 *   question that it cannot answer; `options.signal`'s reason
 *
 * @example
 * import { ask, openModel } from "askew";
 *
 * const model = await openModel("organism");
 * const answers = await ask(model, "organism:main", { samples: 2 });
 * console.log(answers[0]?.messages.at(-1)?.content, "→", answers[0]?.answer);
 * await model.close();
 */
export async function ask(model: Model, questions: string | QuestionSet, options: AskOptions = {}): Promise<Answer[]> {
  const { seed = 0, samples, temperature, maxTokens, out, onProgress, signal } = options;
  const set = typeof questions === "string" ? await readQuestions(questions) : questions;
  const asks = asksOf(set, { seed, samples, temperature, maxTokens });
  const requests = [...asks.requests()];
  const answers = new Map<string, Answer>();
  const how = { model, modelName: model.name, seed, signal };
  if (out === undefined) {
    for await (const answer of answersTo(requests, how)) {
      answers.set(answer.id, answer);
      onProgress?.(answers.size, requests.length);
    }
  } else {
    await askAll({
      ...how,
      path: out,
      requests: () => requests,
      onProgress: ({ done, total }) => onProgress?.(done, total),
    });
    for (const answer of await readRows<Answer>(out)) answers.set(answer.id, answer);
  }
  return requests.flatMap(({ id }) => answers.get(id) ?? []);
}
