/**
 * A threshold from examples of what is harmless: the next harmless one exceeds it with a chance of at most `rate`, if it
 * is exchangeable with the examples (drawn alike, and none of them used to make the score). No other assumption, and no
 * large sample is needed; with few examples no threshold can promise a small rate.
 *
 * Source: V. Vovk, A. Gammerman and G. Shafer, "Algorithmic Learning in a Random World" (2005), inductive conformal
 * prediction.
 */
import { requireFinite } from "./check.js";

export interface ConformalThreshold {
  /** An alarm is a score above it. */
  readonly threshold: number;
  /** What is promised: the chance that the next harmless score is above the threshold is at most this. */
  readonly rate: number;
  /** Examples behind it. */
  readonly n: number;
}

/**
 * The smallest of the scores that keeps the promise. Where n scores are too few for `rate` (fewer than 1 / rate − 1), the
 * largest is returned with what it does promise, 1 / (n + 1).
 * @param rate in (0, 1)
 */
export function conformalThreshold(scores: readonly number[], rate: number): ConformalThreshold {
  requireFinite("conformalThreshold", scores);
  if (!(rate > 0 && rate < 1)) throw new RangeError(`conformalThreshold: rate must lie in (0, 1), found ${rate}`);
  const n = scores.length;
  // A little less than the exact bound, so that 0.02 of 49 + 1 is 1 and not 0.999….
  const above = Math.max(1, Math.floor(rate * (n + 1) + 1e-9));
  const threshold = scores.toSorted((a, b) => b - a)[above - 1] as number;
  return { threshold, rate: above / (n + 1), n };
}
