/** What a detector or a judge found beside what is true, or beside what another judge found. */
import { wilson } from "./wilson.js";
import type { Estimate } from "./estimate.js";

export interface Confusion {
  truePositives: number;
  falsePositives: number;
  trueNegatives: number;
  falseNegatives: number;
  /** Cases in which either side is not known. */
  unknown: number;
  /** Share of the true that were found; Wilson's interval. */
  sensitivity: Estimate;
  /** Share of the false that were left alone. */
  specificity: Estimate;
  /** Share of what was found that is true. */
  precision: Estimate;
}

/** @param cases null where a side gave no verdict; such cases are counted and take no part in the shares. */
export function confusion(
  cases: Iterable<{ readonly found: boolean | null; readonly truth: boolean | null }>,
  confidence = 0.95,
): Confusion {
  const counts = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0, unknown: 0 };
  for (const { found, truth } of cases) {
    if (found === null || truth === null) counts.unknown++;
    else if (truth) counts[found ? "truePositives" : "falseNegatives"]++;
    else counts[found ? "falsePositives" : "trueNegatives"]++;
  }
  const { truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn } = counts;
  return {
    ...counts,
    sensitivity: wilson(tp, tp + fn, confidence),
    specificity: wilson(tn, tn + fp, confidence),
    precision: wilson(tp, tp + fp, confidence),
  };
}
