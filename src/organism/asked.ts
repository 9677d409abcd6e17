/** Question sets of the organism's world as they are put to a model, to be read by its exact judge. */
import type { AskedSet } from "../evaluation/index.js";
import { WORLD_MEASURES } from "./measures.js";
import { QUESTION_SETS, questionSet } from "./questions.js";

/** @throws {RangeError} where the world has no such set */
export function worldAsked(name: string, samples: number): AskedSet {
  const set = QUESTION_SETS.find((known) => known === name);
  if (set === undefined)
    throw new RangeError(`organism: no question set "${name}"; there are ${QUESTION_SETS.join(", ")}`);
  return { set, samples, questions: questionSet(set).questions, measures: WORLD_MEASURES[set] };
}
