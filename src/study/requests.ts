/** Every answer that a cell wants. */
import { countRequests, requestsOf as requestsOfSets, type QuestionRequest } from "../evaluation/index.js";
import { askedSet, type CellPlan } from "./plan.js";

/** Set after set. The condition is not in the stream: the same seed gives all conditions the same luck. */
export const requestsOf = (
  cell: Pick<CellPlan, "questions" | "seed" | "temperature" | "maxTokens">,
): QuestionRequest[] =>
  requestsOfSets(
    cell.questions.map((set) => askedSet(set, cell)),
    `answers/${cell.seed}`,
  );

/** How many that is. */
export const countAnswers = (cell: Pick<CellPlan, "questions" | "temperature" | "maxTokens">): number =>
  countRequests(cell.questions.map((set) => askedSet(set, cell)));

/** Requests that are sampled together: always the same ones, at most `most`, all sampled alike. */
export function portionsOf(requests: readonly QuestionRequest[], most: number): QuestionRequest[][] {
  const portions: QuestionRequest[][] = [];
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
