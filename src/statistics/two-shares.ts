/**
 * Two shares side by side, every observation taken as independent: one model against another, where seeds are too few
 * to resample. Nothing of how seeds differ is in these.
 */
import { requireCount } from "./check.js";
import { noEstimate, type Estimate } from "./estimate.js";
import { wilson } from "./wilson.js";

/** A count of hits among observations. */
export interface Share {
  hits: number;
  n: number;
}

export const sumOfShares = (shares: readonly Readonly<Share>[]): Share => ({
  hits: shares.reduce((sum, { hits }) => sum + hits, 0),
  n: shares.reduce((sum, { n }) => sum + n, 0),
});

/**
 * The difference a - b of two shares, with the interval built from both Wilson intervals. `n` counts both sides; a side
 * without observations gives a null estimate.
 *
 * Source: R. G. Newcombe, "Interval Estimation for the Difference between Independent Proportions" (1998), method 10.
 */
export function shareDifference(a: Share, b: Share, confidence = 0.95): Estimate {
  return independentDifference(wilson(a.hits, a.n, confidence), wilson(b.hits, b.n, confidence));
}

/**
 * The difference a - b of two independent estimates, from their intervals as in {@link shareDifference}. An estimate
 * without an interval counts as exact; null where either rests on nothing.
 */
export function independentDifference(a: Readonly<Estimate>, b: Readonly<Estimate>): Estimate {
  const { estimate: p, low: pLow, high: pHigh } = a;
  const { estimate: q, low: qLow, high: qHigh } = b;
  if (p === null || q === null) return noEstimate();
  return {
    estimate: p - q,
    low: p - q - Math.hypot(p - (pLow ?? p), (qHigh ?? q) - q),
    high: p - q + Math.hypot((pHigh ?? p) - p, q - (qLow ?? q)),
    n: a.n + b.n,
  };
}

/**
 * Fisher's exact test that two shares are equal: the probability, with all margins fixed, of a table no more probable
 * than the one observed, or with `greater` of one with at least as many hits in `a`. 1 when a side has no observations.
 *
 * Source: R. A. Fisher, "Statistical Methods for Research Workers" (1934), section 21.02.
 */
export function fisherTest(a: Share, b: Share, alternative: "two-sided" | "greater" = "two-sided"): number {
  requireCount("fisherTest", a.hits, a.n);
  requireCount("fisherTest", b.hits, b.n);
  const hits = a.hits + b.hits;
  const least = Math.max(0, hits - b.n);
  const most = Math.min(hits, a.n);
  // Probabilities relative to the most probable table, walking outwards from it, so that none overflows.
  const mode = Math.min(most, Math.max(least, Math.floor(((hits + 1) * (a.n + 1)) / (a.n + b.n + 2))));
  const upward = (k: number): number => ((a.n - k) * (hits - k)) / ((k + 1) * (b.n - hits + k + 1));
  const weights = new Float64Array(most - least + 1);
  weights[mode - least] = 1;
  for (let k = mode; k < most; k++) weights[k + 1 - least] = (weights[k - least] as number) * upward(k);
  for (let k = mode; k > least; k--) weights[k - 1 - least] = (weights[k - least] as number) / upward(k - 1);
  // As R and SciPy do, count as equal what differs by rounding alone.
  const observed = (weights[a.hits - least] as number) * (1 + 1e-7);
  let total = 0;
  let extreme = 0;
  for (const [i, weight] of weights.entries()) {
    total += weight;
    if (alternative === "greater" ? least + i >= a.hits : weight <= observed) extreme += weight;
  }
  return extreme / total;
}

/**
 * The ratio a / b of two shares, with the interval built from both Wilson intervals; `n` counts both sides. Null where b
 * has no hits, for then nothing bounds the ratio, or where a side has no observations.
 *
 * Source: A. Donner and G. Y. Zou, "Closed-form confidence intervals for functions of the normal mean and standard
 * deviation" (2012): the method of variance estimates recovery, for a ratio (MOVER-R).
 */
export function shareRatio(a: Share, b: Share, confidence = 0.95): Estimate {
  const left = wilson(a.hits, a.n, confidence);
  const right = wilson(b.hits, b.n, confidence);
  const { estimate: p, low: pLow, high: pHigh } = left;
  const { estimate: q, low: qLow, high: qHigh } = right;
  if (p === null || pLow === null || pHigh === null || qLow === null || qHigh === null || !q) return noEstimate();
  const reach = (end: number, other: number): number =>
    Math.sqrt(Math.max(0, (p * q) ** 2 - end * (2 * p - end) * other * (2 * q - other)));
  return {
    estimate: p / q,
    // The lower root, written so that nothing is divided by the 0 that 2q − qHigh can be.
    low: pLow === 0 ? 0 : (pLow * (2 * p - pLow)) / (p * q + reach(pLow, qHigh)),
    high: (p * q + reach(pHigh, qLow)) / (qLow * (2 * q - qLow)),
    n: a.n + b.n,
  };
}

/**
 * The share of `before` that is gone, 1 − after / before, with the interval of {@link shareRatio} turned round; below 0
 * where there is more than before. Null where `before` has no hits, or a side no observations.
 */
export function relativeReduction(before: Share, after: Share, confidence = 0.95): Estimate {
  const { estimate, low, high, n } = shareRatio(after, before, confidence);
  if (estimate === null || low === null || high === null) return noEstimate();
  return { estimate: 1 - estimate, low: 1 - high, high: 1 - low, n };
}
