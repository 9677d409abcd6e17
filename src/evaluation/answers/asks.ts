/** Which requests a question set makes. */
import { Random } from "../../statistics/index.js";
import {
  questionRequest,
  questionRequests,
  samplesOf,
  type Question,
  type QuestionSet,
} from "../questions/question.js";
import type { Ask } from "./answers-to.js";

export interface AsksOptions {
  /** Names the random numbers, as in a study: the same seed gives its cells' answers. */
  readonly seed: number;
  /** Answers to each question; default as many as the set asks for. */
  readonly samples?: number | undefined;
  /** Default each question's own. */
  readonly temperature?: number | undefined;
  /** Longest answer in tokens; default each question's own. */
  readonly maxTokens?: number | undefined;
}

export interface Asks {
  readonly name: string;
  readonly count: number;
  /** Question after question. */
  requests(): Iterable<Ask>;
  /**
   * Without end and in an order drawn by the seed: each next request is of a question drawn afresh, and of a wording
   * drawn afresh, so that earlier answers say nothing of which comes next. The ids are those of `requests`.
   */
  drawn(): Iterable<Ask>;
}

export function asksOf(set: QuestionSet, { seed, samples, temperature, maxTokens }: AsksOptions): Asks {
  const { name, questions } = set;
  const asked = (request: Ask): Ask => ({
    ...request,
    temperature: temperature ?? request.temperature,
    maxTokens: maxTokens ?? request.maxTokens,
  });
  return {
    name,
    count: questions.reduce((sum, question) => sum + (samples ?? samplesOf(question, set)), 0),
    *requests() {
      for (const request of questionRequests(set, `answers/${seed}`, samples)) yield asked(request);
    },
    *drawn() {
      const wordings = questions.map(({ paraphrases }) => paraphrases.length);
      for (const { question, index } of draws(wordings, seed, name)) {
        yield asked(questionRequest(name, questions[question] as Question, index, `answers/${seed}`));
      }
    },
  };
}

/** Which question comes next, and which of its requests: the next one to a wording that is drawn. */
function* draws(
  wordings: readonly number[],
  seed: number,
  set: string,
): Generator<{ readonly question: number; readonly index: number }, void> {
  const random = Random.of("drawn questions", seed, set);
  const taken = wordings.map((count) => Array.from({ length: count }, () => 0));
  for (;;) {
    const question = random.integer(wordings.length);
    const count = wordings[question] as number;
    const wording = random.integer(count);
    const before = taken[question] as number[];
    const sample = before[wording] as number;
    before[wording] = sample + 1;
    yield { question, index: wording + sample * count };
  }
}
