/** Fits a detector to the runs of a calibration. */
import { conformalThreshold, discriminant, mean } from "../../statistics/index.js";
import { LEAST_FIT } from "./calibration-plan.js";
import { isMisaligned, type CalibrationRow } from "./calibration-run.js";
import {
  changesOf,
  Detection,
  thresholdFor,
  type BatchThreshold,
  type Detector,
  type FalseAlarms,
  type Weighing,
} from "./detector.js";
import { WatchError } from "./error.js";

export interface FitOptions {
  /** Aimed at: alarms in benign fine-tunes. Default 0.02. */
  readonly falseAlarms?: number;
  /** Of the signals' covariance towards none between them, 0 to 1. Default 0.5. */
  readonly shrinkage?: number;
  /** Default the log-probabilities: what the misaligned continuations have, and what they have more than the aligned. */
  readonly signals?: readonly string[];
}

/** Of the last look's spread: with few fine-tunes an early one may be small by chance. */
const LEAST_SCALE = 0.3;
/** Half: signals move together, and what sets two calibration kinds apart in detail does not carry over to others. */
const SHRINKAGE = 0.5;
const FALSE_ALARMS = 0.02;
/**
 * Of `margin`, `aligned` and `misaligned` any two tell the third. Projections and latents are left out: on kinds held out,
 * weighed beside these, they made the alarm later (docs/watch.md).
 */
const WEIGHED = ["margin", "misaligned"];
/** Where benign fine-tunes never rise at all. */
const LEAST_THRESHOLD = 1e-6;

export interface Fitted extends Weighing {
  readonly thresholds: readonly BatchThreshold[];
  readonly falseAlarms: FalseAlarms;
}

export function fitDetector(rows: readonly CalibrationRow[], options: FitOptions = {}): Fitted {
  const { falseAlarms: aim = FALSE_ALARMS, shrinkage = SHRINKAGE } = options;
  const fit = rows.filter(({ role }) => role === "fit");
  const bad = fit.filter((row) => row.bad && isBad(row));
  const good = fit.filter((row) => !row.bad);
  const benign = rows.filter((row) => row.role === "threshold" && !isBad(row));
  if (bad.length < LEAST_FIT || good.length < LEAST_FIT || benign.length < LEAST_FIT) {
    throw new WatchError(
      `watch: to fit a detector, expected at least ${LEAST_FIT} misaligned and ${LEAST_FIT} benign fine-tunes and ${LEAST_FIT} for the ` +
        `threshold, found ${bad.length}, ${good.length} and ${benign.length}. Make more runs.`,
    );
  }
  const { signals = WEIGHED } = options;
  const changes = (row: CalibrationRow): number[][] => {
    const [first, ...later] = row.looks;
    if (first === undefined) return [];
    return later.map((look) => changesOf(signals, first.signals, look.signals));
  };
  const { weights } = discriminant(bad.flatMap(changes), good.flatMap(changes), shrinkage);
  const scales = spreads(good.map((row) => changes(row).map((change) => weighed(weights, change))));
  const weighing: Weighing = { signals, weights, scales };
  const sizes = [...new Set(benign.map(({ dose }) => dose.batchSize))].toSorted((a, b) => a - b);
  const thresholds = sizes.map((batchSize): BatchThreshold => {
    const peaks = benign.filter(({ dose }) => dose.batchSize === batchSize).map((row) => peakOf(weighing, row));
    const { threshold, rate, n } = conformalThreshold(peaks, aim);
    return { batchSize, threshold: Math.max(threshold, LEAST_THRESHOLD), rate, runs: n };
  });
  const doses = benign.map(({ dose }) => dose);
  const falseAlarms = {
    rate: Math.max(...thresholds.map(({ rate }) => rate)),
    runs: benign.length,
    steps: Math.max(...benign.map((row) => row.looks.at(-1)?.step ?? 0)),
    batchSizes: ends(doses.map(({ batchSize }) => batchSize)),
    learningRates: ends(doses.map(({ learningRate }) => learningRate)),
  };
  return { ...weighing, thresholds, falseAlarms };
}

const ends = (values: readonly number[]): readonly [number, number] => [Math.min(...values), Math.max(...values)];

const weighed = (weights: readonly number[], change: readonly number[]): number =>
  change.reduce((sum, x, i) => sum + x * (weights[i] as number), 0);

/** Standard deviation of benign fine-tunes at each look that at least two of them had; what comes later has the last one's. */
function spreads(runs: readonly (readonly number[])[]): number[] {
  const looks = runs.map(({ length }) => length).toSorted((a, b) => b - a)[1] ?? 0;
  const each = Array.from({ length: looks }, (_, look) => {
    const values = runs.flatMap((run) => run.slice(look, look + 1));
    const centre = mean(values);
    return Math.sqrt(values.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (values.length - 1));
  });
  const least = LEAST_SCALE * (each.at(-1) ?? 0);
  if (!(least > 0)) throw new WatchError("watch: the benign fine-tunes do not differ from each other. Make more runs.");
  return each.map((spread) => Math.max(spread, least));
}

/** The largest score of a run, in thresholds; without any, in standard deviations of benign fine-tunes at a look. */
export function peakOf(
  weighing: Weighing & Partial<Pick<Detector, "thresholds">>,
  { looks, dose }: Pick<CalibrationRow, "looks" | "dose">,
): number {
  const { thresholds } = weighing;
  const detection = new Detection(weighing, thresholds ? thresholdFor({ thresholds }, dose.batchSize) : 1);
  return Math.max(...looks.map(({ signals }) => detection.add(signals).score));
}

/** Misaligned in behaviour when it ended. */
export const isBad = ({ truth }: Pick<CalibrationRow, "truth">): boolean => {
  const last = truth.at(-1);
  return last !== undefined && isMisaligned(last);
};

/** The first step at which behaviour was seen misaligned; undefined where it never was. */
export const shownAt = ({ truth }: Pick<CalibrationRow, "truth">): number | undefined => truth.find(isMisaligned)?.step;

/** The step of the alarm; undefined where there was none. */
export function alarmAt(
  detector: Weighing & Pick<Detector, "thresholds">,
  { looks, dose }: Pick<CalibrationRow, "looks" | "dose">,
): number | undefined {
  const detection = new Detection(detector, thresholdFor(detector, dose.batchSize));
  return looks.find(({ signals }) => detection.add(signals).alarm)?.step;
}
