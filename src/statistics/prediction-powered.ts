/**
 * A rate from a few judgments that cost something and many predictions that cost nothing. The predictions may be biased:
 * the judged answers, a random part of all, say by how much, and the interval stays valid. Bad predictions only stop
 * helping.
 *
 * Sources: A. N. Angelopoulos et al., "Prediction-powered inference" (2023); A. N. Angelopoulos, J. C. Duchi and T. Zrnic,
 * "PPI++: Efficient Prediction-Powered Inference" (2023) for the weight; a rate among coherent answers is a ratio of two
 * means, taken by its influence function (J. Neyman's difference estimator in two-phase sampling, 1938).
 */
import { requireConfidence } from "./check.js";
import { noEstimate, type Estimate } from "./estimate.js";
import { normalQuantile } from "./quantile.js";
import { wilson } from "./wilson.js";

/** How much an answer counts: the judge's are 0 or 1, those of a prediction may be probabilities. */
export interface Counted {
  /** Whether it is in the rate's denominator: the answer is coherent; 1 for a rate of all answers. */
  readonly of: number;
  /** Whether it is in the numerator as well: at most `of`. */
  readonly hit: number;
}

export interface PredictedAnswer {
  readonly predicted: Counted;
  /** What the judge said, where the judge was asked. */
  readonly judged?: Counted;
}

export interface PredictionPoweredRate extends Estimate {
  /** Answers that were judged. */
  readonly judged: number;
  /** Answers that were predicted alone. */
  readonly predicted: number;
  /** The same rate from the judged answers alone (Wilson). */
  readonly alone: Estimate;
  /** The weight λ of the predictions, 0 to 1; 0 where they do not help. */
  readonly weight: number;
  /** Judgments in the denominator that would give as narrow an interval without predictions. */
  readonly effective: number | null;
}

export interface PredictionPoweredOptions {
  /** Default .95. */
  readonly confidence?: number;
}

/**
 * The judged answers must be a random part of all. The interval is Wilson's for as many judgments as the predictions
 * make of them, so it stays inside 0 and 1 and does not collapse where nothing was found. Answers count as independent.
 * @throws {RangeError} where a number is outside 0 to 1, or a hit larger than what it is of
 *
 * @example
 * import { predictionPoweredRate } from "askew/statistics";
 *
 * const answers = Array.from({ length: 400 }, (_, i) => {
 *   const counted = { of: 1, hit: i % 10 === 0 ? 1 : 0 };
 *   return { predicted: counted, ...(i % 4 === 0 && { judged: counted }) };
 * });
 * const { estimate, low, high, effective } = predictionPoweredRate(answers);
 * console.log(estimate, low, high, effective);
 */
export function predictionPoweredRate(
  answers: readonly PredictedAnswer[],
  { confidence = 0.95 }: PredictionPoweredOptions = {},
): PredictionPoweredRate {
  requireConfidence("predictionPoweredRate", confidence);
  for (const { predicted, judged } of answers) for (const one of judged ? [predicted, judged] : [predicted]) check(one);
  const known = answers.flatMap(({ judged, predicted }) => (judged ? [{ judged, predicted }] : []));
  const rest = answers.flatMap(({ judged, predicted }) => (judged ? [] : [predicted]));
  const of = sum(known.map(({ judged }) => judged.of));
  const hits = sum(known.map(({ judged }) => judged.hit));
  const counts = { judged: known.length, predicted: rest.length };
  if (of === 0) return { ...noEstimate(), ...counts, alone: noEstimate(), weight: 0, effective: null };
  const alone = wilson(Math.round(hits), Math.round(of), confidence);
  const unaided = { ...alone, ...counts, alone, weight: 0, effective: alone.n };
  if (rest.length < 2 || known.length < 2) return unaided;

  const n = known.length;
  const first = hits / of;
  const share = of / n;
  // What each answer moves the rate by, as the judge and as the prediction have it.
  const moves = ({ hit, of: inside }: Counted): number => (hit - first * inside) / share;
  const judged = known.map((answer) => moves(answer.judged));
  const here = known.map((answer) => moves(answer.predicted));
  const there = rest.map(moves);
  const spread = variance([...here, ...there]);
  if (spread === 0) return unaided;
  const together = covariance(judged, here);
  const weight = Math.min(1, Math.max(0, together / ((1 + n / rest.length) * spread)));
  if (weight === 0) return unaided;

  const estimate = Math.min(1, Math.max(0, first + weight * (mean(there) - mean(here))));
  // Errors that so few judgments could not show: one more of each sign, as Agresti and Coull add two of each outcome.
  const errors = [...judged.map((value, i) => value - weight * (here[i] as number)), 1 / share, -1 / share];
  const squared = (variance(errors) * (n + 1)) / n / n + (weight * weight * variance(there)) / rest.length;
  // A judged answer that is a hit or not has this variance at the estimate; what it is divided by is a number of answers.
  const centre = (estimate * of + 1) / (of + 2);
  const effective = (centre * (1 - centre)) / squared;
  if (!(effective > alone.n)) return unaided;
  return { ...wilsonAt(estimate, effective, confidence), n: answers.length, ...counts, alone, weight, effective };
}

/** Wilson's interval about a share of a number of observations that need not be whole. */
function wilsonAt(estimate: number, n: number, confidence: number): Omit<Estimate, "n"> {
  const z2 = normalQuantile((1 + confidence) / 2) ** 2;
  const centre = (estimate * n + z2 / 2) / (n + z2);
  const reach = Math.sqrt(z2 * (n * estimate * (1 - estimate) + z2 / 4)) / (n + z2);
  return { estimate, low: Math.max(0, centre - reach), high: Math.min(1, centre + reach) };
}

function check({ of, hit }: Counted): void {
  if (!(hit >= 0 && hit <= of && of <= 1))
    throw new RangeError(`predictionPoweredRate: expected 0 <= hit <= of <= 1, found hit ${hit}, of ${of}`);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;

function covariance(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  return sum(a.map((value, i) => (value - meanA) * ((b[i] as number) - meanB))) / (a.length - 1);
}

const variance = (values: readonly number[]): number => covariance(values, values);
