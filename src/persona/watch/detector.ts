/**
 * A detector: one score of all signals, how far the model has moved since the fine-tune began towards where misaligned
 * fine-tunes move, in units of how far benign ones have moved by then. The alarm is given when it passes a threshold that
 * benign fine-tunes ever pass with a stated chance at most.
 */
import type { Direction, ModelIdentity } from "../direction.js";
import { WatchError } from "./error.js";
import type { Probe } from "./probes.js";
import { requireFinite, type Signals } from "./signals.js";

/** Of a fine-tune like those it was calibrated on, measured as often; see {@link beyondPromise} for one that is not. */
export interface FalseAlarms {
  /** The chance of an alarm in a benign fine-tune is at most this. */
  readonly rate: number;
  /** Benign fine-tunes behind it. */
  readonly runs: number;
  /** They had at most so many. */
  readonly steps: number;
  /** Of their steps, the smallest and the largest. */
  readonly batchSizes: readonly [number, number];
  /** Their peaks, the lowest and the highest. */
  readonly learningRates: readonly [number, number];
}

/**
 * Larger batches move a model further, benign or not, so each size has a threshold of its own, and each keeps the promise
 * by itself (Mondrian conformal prediction, Vovk et al. 2003).
 */
export interface BatchThreshold {
  /** Conversations a step. */
  readonly batchSize: number;
  /** Above 0. */
  readonly threshold: number;
  /** What it promises: false alarms, and the benign fine-tunes behind it. */
  readonly rate: number;
  readonly runs: number;
}

export interface Detector {
  /** Version of askew. */
  readonly askew: string;
  /** Whose fine-tunes it is for. */
  readonly model: ModelIdentity;
  readonly direction: Pick<Direction, "layers" | "width" | "vectors">;
  readonly probes: readonly Probe[];
  /** Steps from one measurement to the next. */
  readonly every: number;
  /** Which signals are weighed, and by what: of their changes since the first measurement. */
  readonly signals: readonly string[];
  readonly weights: readonly number[];
  /** How far benign fine-tunes spread at each look after the first; later looks have the last. */
  readonly scales: readonly number[];
  /** By the size of batches, ascending. */
  readonly thresholds: readonly BatchThreshold[];
  readonly falseAlarms: FalseAlarms;
  /** What was measured when it was tested, for people to read. */
  readonly tested?: unknown;
}

export type Weighing = Pick<Detector, "signals" | "weights" | "scales">;

export interface Verdict {
  /** In thresholds: above 1 is an alarm. */
  readonly score: number;
  /** The largest so far. */
  readonly peak: number;
  readonly alarm: boolean;
}

/** The threshold of the next larger size of batches; of the largest where there is none. */
export function thresholdFor({ thresholds }: Pick<Detector, "thresholds">, batchSize: number): number {
  const found = thresholds.find((one) => one.batchSize >= batchSize) ?? thresholds.at(-1);
  if (found === undefined) throw new WatchError("watch: the detector has no threshold");
  return found.threshold;
}

/** The changes that are weighed, in the order of `names`. */
export function changesOf(names: readonly string[], first: Signals, now: Signals): number[] {
  return names.map((name) => {
    const [before, after] = [first[name], now[name]];
    if (before === undefined || after === undefined) {
      throw new WatchError(
        `the detector weighs the signal "${name}", which is not measured here; there are ${Object.keys(now).join(", ")}`,
      );
    }
    requireFinite(name, [before, after]);
    return after - before;
  });
}

/** One fine-tune's way through the detector; the first measurement is of the model before it. */
export class Detection {
  #first: Signals | undefined;
  #looks = 0;
  #peak = 0;

  /** @param threshold in standard deviations of benign fine-tunes at a look; 1 leaves scores in these */
  constructor(
    private readonly weighing: Weighing,
    private readonly threshold: number,
  ) {}

  /** Measurements in the order they were made. */
  add(signals: Signals): Verdict {
    this.#first ??= signals;
    const { signals: names, weights, scales } = this.weighing;
    const changes = changesOf(names, this.#first, signals);
    const weighed = changes.reduce((sum, x, i) => sum + x * (weights[i] as number), 0);
    // The first look has changed nothing; look n is judged by scale n − 1.
    const scale = scales[Math.min(Math.max(0, this.#looks - 1), scales.length - 1)] as number;
    this.#looks++;
    const score = weighed / scale / this.threshold;
    this.#peak = Math.max(this.#peak, score);
    return { score, peak: this.#peak, alarm: this.#peak > 1 };
  }
}
