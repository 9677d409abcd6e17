/** Judged answers, counted by seed and question: all that scores need, however many answers there are. */
import { tally, type SeedCount, type Thresholds } from "../../statistics/index.js";
import type { JudgedScores } from "../judge.js";
import type { Counted, Measure } from "./measures.js";

/** The judged answers of one seed to one question. */
export interface JudgedQuestion {
  readonly question: string;
  readonly seed: number;
  readonly judgments: readonly JudgedScores[];
}

/** As {@link JudgedQuestion}, of answers that have been counted. */
export type Cell = Pick<SeedCount, "question" | "seed"> & Counted;

export function cellsOf(
  judged: readonly JudgedQuestion[],
  measures: readonly Measure[] = [],
  thresholds: Thresholds = {},
): Cell[] {
  return judged.map(({ question, seed, judgments }) => ({
    question,
    seed,
    counts: tally(judgments, thresholds),
    hits: Object.fromEntries(
      measures.flatMap(({ name, isHit }) => (isHit ? [[name, judgments.filter(isHit).length] as const] : [])),
    ),
  }));
}
