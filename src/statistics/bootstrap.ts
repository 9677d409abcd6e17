/**
 * The percentile bootstrap of the mean, to the last digit of the one behind the published figures: NumPy's
 * `default_rng(seed)`, `rng.choice(values, size=n)` once a resample, the mean of each, and linear percentiles.
 *
 * Sources: B. Efron, "Bootstrap Methods" (1979); `get_error_bars` in the analysis of Betley et al., "Emergent
 * Misalignment" (2025). Drawing all resamples in one `rng.choice(values, (resamples, n))` gives the same numbers.
 */
import { requireConfidence, requireFinite } from "./check.js";
import type { Interval } from "./estimate.js";
import { mean, pairwiseSum } from "./mean.js";
import { Pcg64 } from "./pcg64.js";
import { normalQuantile, sortedQuantile } from "./quantile.js";

/**
 * Above this many values resampled means are as good as normal, and drawing them would take minutes: the interval is
 * then the normal one with the bootstrap's own variance, which resampling differs from by its noise alone.
 */
const MOST_RESAMPLED = 1000;

export interface BootstrapOptions {
  /** How many resamples are drawn; 2,000 unless given. */
  resamples?: number | undefined;
  /** The share of resampled means between the ends; 0.95 unless given. */
  confidence?: number | undefined;
  /** The seed of NumPy's generator; 0 unless given. */
  seed?: number | undefined;
}

/**
 * The mean of `values` and its percentile bootstrap interval, resampling whole values.
 *
 * The values must be the independent units: seeds, not the answers of one seed. The interval covers how those units
 * vary, and is too narrow when they are few: with 3 values it runs, at 95 %, from the smallest to the largest and
 * holds a symmetric population's centre 75 % of the time. With 1 value it collapses to that value, as published.
 */
export function bootstrapInterval(values: readonly number[], options: BootstrapOptions = {}): Interval {
  const { resamples = 2000, confidence = 0.95, seed = 0 } = options;
  requireFinite("bootstrapInterval", values);
  requireConfidence("bootstrapInterval", confidence);
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new RangeError(`bootstrapInterval: resamples must be a whole number >= 1, found ${resamples}`);
  }
  const estimate = mean(values);
  if (values.length === 1) return { estimate, low: estimate, high: estimate };
  if (values.length > MOST_RESAMPLED) return normalInterval(estimate, variance(values), confidence);
  const means = resampledMeans(values, resamples, new Pcg64(seed)).toSorted();
  return {
    estimate,
    low: sortedQuantile(means, (1 - confidence) / 2),
    high: sortedQuantile(means, 1 - (1 - confidence) / 2),
  };
}

/**
 * The mean of `values` minus the mean of `others`, two independent sets of units, with the percentile bootstrap that
 * resamples each of them: all resamples of `values` first, then all of `others`, from one generator.
 */
export function bootstrapDifference(
  values: readonly number[],
  others: readonly number[],
  options: BootstrapOptions = {},
): Interval {
  const { resamples = 2000, confidence = 0.95, seed = 0 } = options;
  requireFinite("bootstrapDifference", values);
  requireFinite("bootstrapDifference", others);
  requireConfidence("bootstrapDifference", confidence);
  if (values.length + others.length > MOST_RESAMPLED) {
    return normalInterval(mean(values) - mean(others), variance(values) + variance(others), confidence);
  }
  const generator = new Pcg64(seed);
  const means = resampledMeans(values, resamples, generator);
  const otherMeans = resampledMeans(others, resamples, generator);
  const differences = means.map((value, i) => value - (otherMeans[i] as number)).toSorted();
  return {
    estimate: mean(values) - mean(others),
    low: sortedQuantile(differences, (1 - confidence) / 2),
    high: sortedQuantile(differences, 1 - (1 - confidence) / 2),
  };
}

function normalInterval(estimate: number, ofMean: number, confidence: number): Interval {
  const reach = normalQuantile(1 - (1 - confidence) / 2) * Math.sqrt(ofMean);
  return { estimate, low: estimate - reach, high: estimate + reach };
}

/** Of the mean of a resample. */
function variance(values: readonly number[]): number {
  const centre = mean(values);
  return pairwiseSum(values.map((value) => (value - centre) ** 2)) / values.length ** 2;
}

/** The mean of each of `resamples` samples of `values`, each as large as `values`, in the order drawn. */
function resampledMeans(values: readonly number[], resamples: number, generator: Pcg64): Float64Array {
  const n = values.length;
  const sample = new Float64Array(n);
  const means = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) {
    for (let j = 0; j < n; j++) sample[j] = values[generator.integer(n)] as number;
    means[i] = pairwiseSum(sample) / n;
  }
  return means;
}
