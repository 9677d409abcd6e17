/** Every answer that a cell wants, of sets of the organism's world and of files alike. */
import { answerRequests, countAnswers, questionRequests } from "../evaluation/index.js";
import type { SampleRequest } from "../model/index.js";
import { isFileSet, type CellPlan, type CellSet } from "./plan.js";

export interface StudyRequest extends SampleRequest {
  /** `set/question/prompt/sample`: the same answer has the same id in every cell. */
  readonly id: string;
  readonly set: string;
  readonly question: string;
  readonly temperature: number;
  /** Longest answer in tokens. */
  readonly maxTokens: number;
}

/** Set after set. The condition is not in the stream: the same seed gives all conditions the same luck. */
export function requestsOf(cell: Pick<CellPlan, "questions" | "seed" | "temperature" | "maxTokens">): StudyRequest[] {
  const { questions, seed, temperature, maxTokens } = cell;
  const stream = `answers/${seed}`;
  return questions.flatMap((set): StudyRequest[] =>
    isFileSet(set)
      ? [...questionRequests({ name: set.set, questions: set.questions, source: set.set }, stream, set.samples)]
      : answerRequests([set], stream).map((request) => ({ ...request, temperature, maxTokens })),
  );
}

export const countRequests = (questions: readonly CellSet[]): number =>
  questions.reduce((sum, set) => sum + (isFileSet(set) ? set.samples * set.questions.length : countAnswers([set])), 0);

/** Requests that are sampled together: always the same ones, at most `most`, all sampled alike. */
export function portionsOf(requests: readonly StudyRequest[], most: number): StudyRequest[][] {
  const portions: StudyRequest[][] = [];
  for (const request of requests) {
    const last = portions.at(-1);
    const [first] = last ?? [];
    const fits =
      last !== undefined &&
      last.length < most &&
      first?.temperature === request.temperature &&
      first.maxTokens === request.maxTokens;
    if (fits) last.push(request);
    else portions.push([request]);
  }
  return portions;
}
