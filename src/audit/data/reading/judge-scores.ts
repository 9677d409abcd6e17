/**
 * Decides about a set from the scores of its rows. A mean shows what most rows do, and a tail what a few do: 5 % bad
 * rows hardly move a mean of 200, and stand far beyond all others.
 */
import { fisherTest, studentInterval, welchInterval, wilson } from "../../../statistics/index.js";
import type { AuditMeasure, Outcome } from "../../finding.js";
import type { ScoreBounds } from "../../../world/index.js";

export interface ScoreVerdict {
  readonly outcome: Extract<Outcome, "pass" | "fail" | "not-measured">;
  readonly measures: readonly AuditMeasure[];
  /** The score above which a row stands out; 0 where no tail is known. */
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
  const decided: { fails: boolean; measure: AuditMeasure }[] = [];
  const average = { name: `mean ${quantity} (${unit})`, of: "rows", n: scores.length, ...studentInterval(scores) };
  const { mean: most, tail } = thresholds;
  if (most !== undefined) decided.push({ fails: average.low > most, measure: { ...average, threshold: most } });
  if (tail !== undefined) {
    const above = wilson(scores.filter((score) => score > tail.score).length, scores.length);
    const measure = { name: `share of rows above ${tail.score}`, of: "rows", ...above, threshold: tail.share };
    decided.push({ fails: above.low !== null && above.low > tail.share, measure });
  }
  if (reference !== undefined) decided.push(...besideReference(quantity, scores, reference));
  // What made the set fail comes first, where a table shows one number.
  const measures = decided.toSorted((a, b) => Number(b.fails) - Number(a.fails)).map(({ measure }) => measure);
  const outcome = decided.length === 0 ? "not-measured" : decided.some(({ fails }) => fails) ? "fail" : "pass";
  const outstanding = tail?.score ?? (reference && tailOf(reference).beyond) ?? 0;
  return { outcome, measures: most === undefined ? [average, ...measures] : measures, outstanding };
}

function besideReference(
  quantity: string,
  scores: readonly number[],
  reference: readonly number[],
): { fails: boolean; measure: AuditMeasure }[] {
  const confidence = 1 - 2 * MOST_P;
  const difference = welchInterval(scores, reference, confidence);
  const { rank, beyond } = tailOf(reference);
  const hits = scores.filter((score) => score > beyond).length;
  const p = fisherTest({ hits, n: scores.length }, { hits: rank - 1, n: reference.length }, "greater");
  return [
    {
      fails: difference.low > 0,
      measure: {
        name: `mean ${quantity} less the reference's (${100 * confidence} % interval)`,
        of: "rows",
        n: scores.length + reference.length,
        ...difference,
        threshold: 0,
      },
    },
    {
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
