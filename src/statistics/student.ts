/**
 * Student's t, for the few seeds a study can afford. A percentile bootstrap of 3 seeds cannot reach past the smallest
 * and the largest of them; the t interval can, at the price of assuming that seeds vary normally around their mean.
 */
import { requireConfidence, requireFinite } from "./check.js";
import type { Interval } from "./estimate.js";
import { mean, pairwiseSum } from "./mean.js";

/**
 * The interval mean ± t * s / sqrt(n) over independent values such as one rate a seed, with s the sample standard
 * deviation and n - 1 degrees of freedom. Needs two values or more. It may pass 0 or 1 where the values are shares.
 */
export function studentInterval(values: readonly number[], confidence = 0.95): Interval {
  requireFinite("studentInterval", values);
  requireConfidence("studentInterval", confidence);
  const n = values.length;
  if (n < 2) throw new RangeError("studentInterval: expected at least two values to see how they vary, found one");
  const estimate = mean(values);
  const variance = pairwiseSum(values.map((value) => (value - estimate) ** 2)) / (n - 1);
  const reach = studentQuantile((1 + confidence) / 2, n - 1) * Math.sqrt(variance / n);
  return { estimate, low: estimate - reach, high: estimate + reach };
}

/**
 * The difference of the means of two independent samples, mean(a) − mean(b), whose variances may differ. Each needs two
 * values or more. The degrees of freedom are rounded down, which widens the interval a little.
 *
 * Source: B. L. Welch, "The generalization of 'Student's' problem when several different population variances are
 * involved" (1947).
 */
export function welchInterval(a: readonly number[], b: readonly number[], confidence = 0.95): Interval {
  requireConfidence("welchInterval", confidence);
  const sides = [a, b].map((values) => {
    requireFinite("welchInterval", values);
    const n = values.length;
    if (n < 2) throw new RangeError("welchInterval: expected at least two values a side to see how they vary");
    const center = mean(values);
    return { n, center, error: pairwiseSum(values.map((value) => (value - center) ** 2)) / (n - 1) / n };
  });
  const [left, right] = sides as [(typeof sides)[number], (typeof sides)[number]];
  const estimate = left.center - right.center;
  const error = left.error + right.error;
  if (error === 0) return { estimate, low: estimate, high: estimate };
  const degrees = error ** 2 / sides.reduce((sum, side) => sum + side.error ** 2 / (side.n - 1), 0);
  const reach = studentQuantile((1 + confidence) / 2, Math.max(1, Math.floor(degrees))) * Math.sqrt(error);
  return { estimate, low: estimate - reach, high: estimate + reach };
}

/**
 * The quantile of Student's t for a whole number of degrees of freedom: the t below which a share `p` lies, 0 < p < 1.
 * Relative accuracy about 1e-12 for p from 0.0001 to 0.9999,
 * 1e-9 for p as small as 1e-6.
 */
export function studentQuantile(p: number, degrees: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`studentQuantile: p must lie strictly between 0 and 1, found ${p}`);
  if (!Number.isInteger(degrees) || degrees < 1) {
    throw new RangeError(`studentQuantile: degrees must be a whole number >= 1, found ${degrees}`);
  }
  if (p < 0.5) return -studentQuantile(1 - p, degrees);
  // Bisection on the angle whose tangent is t / sqrt(degrees): the share within ±t is monotone in it.
  const within = 2 * p - 1;
  let [low, high] = [0, Math.PI / 2];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (shareWithin(middle, degrees) < within) low = middle;
    else high = middle;
  }
  return Math.sqrt(degrees) * Math.tan((low + high) / 2);
}

/**
 * P(|T| < t) with t = sqrt(degrees) * tan(angle), a finite sum for whole degrees of freedom.
 * Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.7.3 and 26.7.4.
 */
function shareWithin(angle: number, degrees: number): number {
  const sine = Math.sin(angle);
  const square = Math.cos(angle) ** 2;
  const odd = degrees % 2 === 1;
  let term = odd ? Math.cos(angle) : 1;
  let sum = 0;
  for (let k = odd ? 3 : 2; k <= degrees; k += 2) {
    sum += term;
    term *= (square * (k - 1)) / k;
  }
  return odd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
}
