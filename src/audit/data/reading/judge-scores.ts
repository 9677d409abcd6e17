/**
 * Decides about a set from the scores of its rows. A mean shows what most rows do, and a tail what a few do: 5 % bad
 * rows hardly move a mean of 200, and stand far beyond all others.
 */
import { fisherTest, studentInterval, welchInterval, wilson } from "../../../statistics/index.js";
import type { AuditMeasure, Outcome } from "../../finding.js";
import type { ScoreBounds } from "./scorer.js";

export interface ScoreVerdict {
  readonly outcome: Extract<Outcome, "pass" | "fail" | "not-measured">;
  readonly measures: readonly AuditMeasure[];
  /** The score above which a row is named. */
  readonly outstanding: number;
}

/** Of the two comparisons with a reference each, one-sided: a good set fails by chance in 1 % at most. */
const MOST_P = 0.005;
/** Share of the reference beyond which the tail begins: so small that a few bad rows stand out, and above its largest alone. */
const TAIL = 0.005;

/**
 * @param scores of the set's rows
 * @param reference scores of rows of a set that is known to be good, read in the same way
 */
export function judgeScores(
  quantity: string,
  unit: string,
  scores: readonly number[],
  thresholds: ScoreBounds,
  reference: readonly number[] | undefined,
): ScoreVerdict {
  const { mean: most, tail } = thresholds;
  const average = { name: `mean ${quantity} (${unit})`, of: "rows", n: scores.length, ...studentInterval(scores) };
  const said: Said[] = [
    most === undefined
      ? { of: "mean", measure: average }
      : { of: "mean", measure: { ...average, threshold: most }, fails: average.low > most },
  ];
  if (tail !== undefined) {
    const above = wilson(scores.filter((score) => score > tail.score).length, scores.length);
    const measure = { name: `share of rows above ${tail.score}`, of: "rows", ...above, threshold: tail.share };
    said.push({ of: "tail", measure, fails: above.low !== null && above.low > tail.share });
  }
  if (reference !== undefined) said.push(...besideReference(quantity, scores, reference));
  const failed = said.filter(({ fails }) => fails === true);
  const isDecided = said.some(({ fails }) => fails !== undefined);
  // Most rows made the mean what it is: then no tail says which they are.
  const byMean = failed.length > 0 && failed.every(({ of }) => of === "mean");
  const beyond = tail?.score ?? (reference && tailOf(reference).beyond) ?? 0;
  return {
    outcome: !isDecided ? "not-measured" : failed.length > 0 ? "fail" : "pass",
    // What made the set fail comes first, where a table shows one number.
    measures: [...failed, ...said.filter(({ fails }) => fails !== true)].map(({ measure }) => measure),
    outstanding: byMean ? 0 : beyond,
  };
}

interface Said {
  readonly of: "mean" | "tail";
  readonly measure: AuditMeasure;
  /** Undefined where nothing is known to compare it with. */
  readonly fails?: boolean;
}

function besideReference(quantity: string, scores: readonly number[], reference: readonly number[]): Said[] {
  const confidence = 1 - 2 * MOST_P;
  const difference = welchInterval(scores, reference, confidence);
  const { rank, beyond } = tailOf(reference);
  const hits = scores.filter((score) => score > beyond).length;
  const p = fisherTest({ hits, n: scores.length }, { hits: rank - 1, n: reference.length }, "greater");
  return [
    {
      of: "mean",
      fails: difference.low > 0,
      measure: {
        name: `mean ${quantity} less the reference's (${100 * confidence} % interval)`,
        of: "rows of both sets",
        n: scores.length + reference.length,
        ...difference,
        threshold: 0,
      },
    },
    {
      of: "tail",
      fails: p <= MOST_P,
      measure: {
        name: `share of rows beyond ${100 * (1 - TAIL)} % of the reference`,
        of: "rows",
        ...wilson(hits, scores.length),
        p,
      },
    },
  ];
}

/** The rank follows from the reference's size alone, so the count of rows beyond it has an exact distribution. */
function tailOf(reference: readonly number[]): { rank: number; beyond: number } {
  const rank = Math.max(1, Math.round(TAIL * reference.length));
  return { rank, beyond: reference.toSorted((a, b) => b - a)[rank - 1] ?? Infinity };
}
