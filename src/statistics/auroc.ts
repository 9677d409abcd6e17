/**
 * The area under the ROC curve: the chance that a positive scores higher than a negative, ties counting half.
 *
 * Sources: E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson (1988) for the variance; X. Sun and W. Xu, "Fast
 * Implementation of DeLong's Algorithm" (2014) for computing it from midranks; N. A. Obuchowski, "Nonparametric Analysis of
 * Clustered ROC Curve Data" (1997) for scores that hang together.
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

/**
 * @param scores higher means more likely positive
 * @param clusters names what each score belongs to, such as a document with several answers, which are then not taken
 * for independent; without it every score stands for itself
 */
export function auroc(
  scores: readonly number[],
  positive: readonly boolean[],
  confidence = 0.95,
  clusters?: readonly number[],
): Auroc {
  requireConfidence("auroc", confidence);
  if (scores.length !== positive.length) {
    throw new RangeError(
      `auroc: expected a truth for each score, found ${scores.length} scores, ${positive.length} truths`,
    );
  }
  if (clusters && clusters.length !== scores.length) {
    throw new RangeError(
      `auroc: expected a cluster for each score, found ${scores.length} scores, ${clusters.length} clusters`,
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
  const clusterOf = clusters ?? scores.map((_, i) => i);
  const spread = clusteredVariance(
    estimate,
    { shares: ofHigh, clusters: clusterOf.filter((_, i) => positive[i] === true) },
    { shares: ofLow, clusters: clusterOf.filter((_, i) => positive[i] !== true) },
  );
  if (spread === undefined) return { estimate, low: null, high: null, ...counts };
  const reach = normalQuantile((1 + confidence) / 2) * Math.sqrt(spread);
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

interface Side {
  readonly shares: readonly number[];
  readonly clusters: readonly number[];
}

/** DeLong's variance where every score is a cluster of its own; undefined with fewer than two clusters of a kind. */
function clusteredVariance(estimate: number, high: Side, low: Side): number | undefined {
  const ofHigh = sumsAbout(estimate, high);
  const ofLow = sumsAbout(estimate, low);
  const [a, b] = [ofHigh.size, ofLow.size];
  if (a < 2 || b < 2) return undefined;
  const [m, n] = [high.shares.length, low.shares.length];
  const squares = (sums: ReadonlyMap<number, number>): number =>
    [...sums.values()].reduce((total, sum) => total + sum * sum, 0);
  let together = 0;
  for (const [cluster, sum] of ofHigh) together += sum * (ofLow.get(cluster) ?? 0);
  const all = new Set([...ofHigh.keys(), ...ofLow.keys()]).size;
  const own = (a * squares(ofHigh)) / ((a - 1) * m * m) + (b * squares(ofLow)) / ((b - 1) * n * n);
  // Clusters with both kinds can take the estimate of a small sample below 0.
  return Math.max(0, own + (2 * all * together) / ((all - 1) * m * n));
}

/** Of each cluster, the sum of how far its shares lie from the estimate. */
function sumsAbout(estimate: number, { shares, clusters }: Side): Map<number, number> {
  const sums = new Map<number, number>();
  shares.forEach((share, i) => {
    const cluster = clusters[i] as number;
    sums.set(cluster, (sums.get(cluster) ?? 0) + share - estimate);
  });
  return sums;
}
