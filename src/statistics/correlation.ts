/**
 * Pearson's correlation with Fisher's interval.
 *
 * Source: R. A. Fisher, "On the Probable Error of a Coefficient of Correlation Deduced from a Small Sample" (1921).
 */
import { requireConfidence, requireFinite } from "./check.js";
import { noEstimate, type Estimate } from "./estimate.js";
import { mean, pairwiseSum } from "./mean.js";
import { normalQuantile } from "./quantile.js";

/**
 * Between two lists of the same length; null with fewer than two pairs, or where a list does not vary. The interval takes
 * pairs as independent and normal, needs four of them, and collapses at a correlation of 1.
 */
export function correlation(xs: readonly number[], ys: readonly number[], confidence = 0.95): Estimate {
  requireConfidence("correlation", confidence);
  const n = xs.length;
  if (ys.length !== n) throw new RangeError(`correlation: expected pairs, found ${n} values beside ${ys.length}`);
  if (n < 2) return { ...noEstimate(), n };
  requireFinite("correlation", xs);
  requireFinite("correlation", ys);
  const [mx, my] = [mean(xs), mean(ys)];
  const [dx, dy] = [xs.map((x) => x - mx), ys.map((y) => y - my)];
  const product = (a: readonly number[], b: readonly number[]): number =>
    pairwiseSum(a.map((value, i) => value * (b[i] as number)));
  const scale = Math.sqrt(product(dx, dx) * product(dy, dy));
  if (scale === 0) return { ...noEstimate(), n };
  const estimate = Math.max(-1, Math.min(1, product(dx, dy) / scale));
  if (n < 4) return { estimate, low: null, high: null, n };
  const reach = normalQuantile((1 + confidence) / 2) / Math.sqrt(n - 3);
  return { estimate, low: Math.tanh(Math.atanh(estimate) - reach), high: Math.tanh(Math.atanh(estimate) + reach), n };
}
