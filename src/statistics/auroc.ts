/**
 * The area under the ROC curve: the chance that a positive scores higher than a negative, ties counting half.
 *
 * Sources: E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson (1988) for the variance; X. Sun and W. Xu, "Fast
 * Implementation of DeLong's Algorithm" (2014) for computing it from midranks.
 */
import { requireConfidence, requireFinite } from "./check.js";
import { normalQuantile } from "./quantile.js";

export interface Auroc {
  /** Null without a positive or without a negative. */
  estimate: number | null;
  /**
   * DeLong's interval, estimate ± z standard errors, cut to [0, 1]; null with fewer than two of either kind. It is known to be too
   * narrow near 1, and collapses where positives and negatives do not overlap at all.
   */
  low: number | null;
  high: number | null;
  positives: number;
  negatives: number;
}

/** @param scores higher means more likely positive. */
export function auroc(scores: readonly number[], positive: readonly boolean[], confidence = 0.95): Auroc {
  requireConfidence("auroc", confidence);
  if (scores.length !== positive.length) {
    throw new RangeError(
      `auroc: expected a truth for each score, found ${scores.length} scores, ${positive.length} truths`,
    );
  }
  if (scores.length > 0) requireFinite("auroc", scores);
  const high = scores.filter((_, i) => positive[i] === true);
  const low = scores.filter((_, i) => positive[i] !== true);
  const [m, n] = [high.length, low.length];
  if (m === 0 || n === 0) return { estimate: null, low: null, high: null, positives: m, negatives: n };
  const all = midranks([...high, ...low]);
  const amongHigh = midranks(high);
  const amongLow = midranks(low);
  // The share of negatives below each positive, and of positives above each negative.
  const ofHigh = high.map((_, i) => ((all[i] as number) - (amongHigh[i] as number)) / n);
  const ofLow = low.map((_, j) => 1 - ((all[m + j] as number) - (amongLow[j] as number)) / m);
  const estimate = ofHigh.reduce((sum, share) => sum + share, 0) / m;
  const counts = { positives: m, negatives: n };
  if (m < 2 || n < 2) return { estimate, low: null, high: null, ...counts };
  const reach = normalQuantile((1 + confidence) / 2) * Math.sqrt(variance(ofHigh) / m + variance(ofLow) / n);
  return { estimate, low: Math.max(0, estimate - reach), high: Math.min(1, estimate + reach), ...counts };
}

/** Ranks from 1; equal values share the mean of theirs. */
function midranks(values: readonly number[]): Float64Array {
  const order = values.map((_, i) => i).toSorted((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end] as number] === values[order[start] as number]) end++;
    for (let k = start; k < end; k++) ranks[order[k] as number] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}

function variance(values: readonly number[]): number {
  const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
