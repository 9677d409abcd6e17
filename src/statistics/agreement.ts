/**
 * Krippendorff's alpha: how far raters (judges) agree beyond chance on the same units (answers), whatever their number
 * and however many ratings are missing. 1 is perfect agreement, 0 what chance gives, below 0 systematic disagreement.
 *
 * Source: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011).
 */
import { Pcg64 } from "./pcg64.js";
import { quantile } from "./quantile.js";
import type { Interval } from "./estimate.js";

/** `nominal`: ratings are the same or not. `interval`: numbers, and a disagreement counts by its square. */
export type AlphaMetric = "nominal" | "interval";

export interface AlphaOptions {
  /** Resamples of whole units for the interval; 1,000 unless given, 0 for none. */
  resamples?: number | undefined;
  /** 0.95 unless given. */
  confidence?: number | undefined;
  /** Of NumPy's generator; 0 unless given. */
  seed?: number | undefined;
}

export interface Agreement {
  /** Null where no unit has two ratings, or all ratings are the same: then nothing could have disagreed. */
  alpha: number | null;
  /** Percentile bootstrap over units; null where alpha is, or where too many resamples have none. */
  low: number | null;
  high: number | null;
  /** Units with two ratings or more; the others say nothing of agreement and are left out. */
  units: number;
  /** Ratings of these units. */
  ratings: number;
}

/**
 * @param units the ratings of each unit by all raters, null where a rater gave none. The order of raters does not
 * matter, and a unit need not have all of them.
 */
export function krippendorffAlpha(
  units: readonly (readonly (number | string | null)[])[],
  metric: AlphaMetric,
  options: AlphaOptions = {},
): Agreement {
  const { resamples = 1000, confidence = 0.95, seed = 0 } = options;
  const rated = units.map(present).filter((ratings) => ratings.length > 1);
  if (metric === "interval") requireNumbers(rated);
  const alphaOf = metric === "nominal" ? nominalAlpha : intervalAlpha;
  const alpha = alphaOf(rated);
  const counts = { units: rated.length, ratings: rated.reduce((sum, ratings) => sum + ratings.length, 0) };
  const interval = alpha === null ? null : resampled(rated, alphaOf, resamples, confidence, seed);
  return { alpha, low: interval?.low ?? null, high: interval?.high ?? null, ...counts };
}

type Ratings = readonly (number | string)[];

const present = (ratings: readonly (number | string | null)[]): Ratings =>
  ratings.filter((rating): rating is number | string => rating !== null);

function requireNumbers(units: readonly Ratings[]): void {
  for (const rating of units.flat()) {
    if (typeof rating !== "number" || !Number.isFinite(rating)) {
      throw new RangeError(
        `krippendorffAlpha: interval ratings must be finite numbers, or null where missing, found ${JSON.stringify(rating)}`,
      );
    }
  }
}

/** 1 - observed / expected disagreement, from the counts of each value in and over units. */
function nominalAlpha(units: readonly Ratings[]): number | null {
  const totals = new Map<number | string, number>();
  let n = 0;
  let agreeing = 0; // agreeing ordered pairs, each unit's divided by its ratings less one
  for (const ratings of units) {
    const counts = new Map<number | string, number>();
    for (const rating of ratings) counts.set(rating, (counts.get(rating) ?? 0) + 1);
    for (const [value, count] of counts) {
      agreeing += (count * (count - 1)) / (ratings.length - 1);
      totals.set(value, (totals.get(value) ?? 0) + count);
    }
    n += ratings.length;
  }
  let chance = 0; // ordered pairs of the same value among all ratings
  for (const count of totals.values()) chance += count * (count - 1);
  const pairs = n * (n - 1);
  return n < 2 || chance === pairs ? null : 1 - ((n - agreeing) * (n - 1)) / (pairs - chance);
}

/** As above, with squared differences; their sums over pairs come from sums of values, so it takes one pass. */
function intervalAlpha(units: readonly Ratings[]): number | null {
  const all = units.flat() as number[];
  const n = all.length;
  if (n < 2) return null;
  const centre = all.reduce((sum, value) => sum + value, 0) / n;
  let within = 0;
  for (const ratings of units as readonly (readonly number[])[])
    within += pairSquares(ratings, centre) / (ratings.length - 1);
  const between = pairSquares(all, centre);
  return between === 0 ? null : 1 - ((n - 1) * within) / between;
}

/** Σ (x - y)² over all ordered pairs = 2 m Σ x² - 2 (Σ x)², of values moved to a common centre to keep digits. */
function pairSquares(values: readonly number[], centre: number): number {
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value - centre;
    squares += (value - centre) ** 2;
  }
  return Math.max(0, 2 * values.length * squares - 2 * sum * sum);
}

function resampled(
  units: readonly Ratings[],
  alphaOf: (units: readonly Ratings[]) => number | null,
  resamples: number,
  confidence: number,
  seed: number,
): Omit<Interval, "estimate"> | null {
  const generator = new Pcg64(seed);
  const alphas: number[] = [];
  for (let i = 0; i < resamples; i++) {
    const alpha = alphaOf(generator.choice(units, units.length));
    if (alpha !== null) alphas.push(alpha);
  }
  // Where ratings hardly vary, resamples without any variation have no alpha; with many of them the rest misleads.
  if (alphas.length === 0 || alphas.length < resamples * 0.9) return null;
  return { low: quantile(alphas, (1 - confidence) / 2), high: quantile(alphas, (1 + confidence) / 2) };
}
