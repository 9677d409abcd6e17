/**
 * Watching as a training callback, of any fine-tune: every few steps a look, a row for its store, and the detector's
 * verdict. A fine-tune that is carried on from a checkpoint carries its watching on from the same step.
 */
import type { Before, TrainingCallback, TrainingStep } from "../../training/index.js";
import type { Tensor } from "../../model/index.js";
import type { Truth } from "./calibration-run.js";
import { Detection, thresholdFor, type Detector, type Verdict } from "./detector.js";
import { WatchError } from "./error.js";
import type { Signals } from "./signals.js";
import type { Watcher } from "./watcher.js";

/** One line of `watch.jsonl`. */
export interface WatchRow extends Partial<Verdict> {
  /** Steps behind it; 0 is the model before the first. */
  readonly step: number;
  readonly signals: Signals;
  /** Norm of the gradient of the step, before clipping; none before the first. */
  readonly gradientNorm?: number;
  /** What the look took. */
  readonly seconds: number;
  /** Sampled behaviour, where it was asked for. */
  readonly truth?: Truth;
}

export interface WatchStore {
  /** The rows up to a step, in order, which need not be watched again; later ones are dropped. */
  keep(step: number): Promise<readonly WatchRow[]>;
  /** Returns once the row is on the disk. */
  append(row: WatchRow): Promise<void>;
}

/** Rows in memory. */
export class WatchRows implements WatchStore {
  #rows: readonly WatchRow[] = [];

  get rows(): readonly WatchRow[] {
    return this.#rows;
  }

  keep(step: number): Promise<readonly WatchRow[]> {
    this.#rows = this.#rows.filter((row) => row.step <= step);
    return Promise.resolve(this.#rows);
  }

  append(row: WatchRow): Promise<void> {
    this.#rows = [...this.#rows, row];
    return Promise.resolve();
  }
}

export interface WatchCallbackOptions {
  readonly every: number;
  /** Without one, signals are written and no alarm is given. */
  readonly detector?: Detector;
  /** Conversations a step, for the detector's threshold; default as in its largest. */
  readonly batchSize?: number;
  readonly store: WatchStore;
  /** Sampled behaviour, every so many steps; it tells the detector nothing. */
  readonly truth?: { readonly every: number; readonly ask: (step: number) => Promise<Truth> };
  readonly onRow?: (row: WatchRow) => void;
  /** The first alarm, once a fine-tune; also when a row of before already had it. */
  readonly onAlarm?: (row: WatchRow) => Promise<void> | void;
  /** End the training at the alarm. */
  readonly stops?: boolean;
  readonly signal?: AbortSignal;
}

export class WatchCallback implements TrainingCallback {
  readonly #detection: Detection | undefined;
  /** Steps that have a row. */
  #seen = -1;
  #alarm: WatchRow | undefined;

  constructor(
    private readonly watcher: Watcher,
    private readonly options: WatchCallbackOptions,
  ) {
    const { detector, batchSize = Infinity } = options;
    this.#detection = detector && new Detection(detector, thresholdFor(detector, batchSize));
  }

  /** The row with the first alarm. */
  get alarm(): WatchRow | undefined {
    return this.#alarm;
  }

  async onTrainStart(done: number, steps: number, before?: Before): Promise<"stop" | "continue"> {
    this.watcher.begin(before?.state);
    for (const row of await this.options.store.keep(done)) {
      this.#detection?.add(row.signals);
      this.#seen = row.step;
      await this.#hear(row);
    }
    if (this.#seen < 0) await this.#look(0, steps);
    // A look that was interrupted.
    return done > 0 ? this.#after(done, steps, before?.last.gradientNorm) : "continue";
  }

  async onStep({ step, steps, gradientNorm }: TrainingStep): Promise<"stop" | "continue"> {
    return this.#after(step, steps, gradientNorm);
  }

  state(): ReadonlyMap<string, Tensor> {
    return this.watcher.kept;
  }

  async #after(step: number, steps: number, gradientNorm?: number): Promise<"stop" | "continue"> {
    const { every, stops = false } = this.options;
    const due = step % every === 0 || step === steps;
    if (due && step > this.#seen) await this.#look(step, steps, gradientNorm);
    return stops && this.#alarm !== undefined ? "stop" : "continue";
  }

  async #look(step: number, steps: number, gradientNorm?: number): Promise<void> {
    const { every, truth, store, signal, onRow } = this.options;
    // At the first look after every so many steps: more looks than it was calibrated with would mean more chances of a false alarm.
    const passed = (at: number): number => Math.floor(at / (truth?.every ?? 1));
    const asked = truth !== undefined && (step === steps || passed(step) > passed(step - every));
    // Behaviour first: it may be interrupted, and the watcher remembers what it measured last.
    const said = asked ? await truth.ask(step) : undefined;
    const began = performance.now();
    const signals = await this.watcher.measure(signal).catch((error: unknown) => {
      throw error instanceof WatchError ? new WatchError(`at step ${step} ${error.message}`) : error;
    });
    const verdict = this.#detection?.add(signals);
    const seconds = (performance.now() - began) / 1000;
    const row: WatchRow = {
      step,
      signals,
      ...(gradientNorm !== undefined && { gradientNorm }),
      ...verdict,
      seconds,
      ...(said && { truth: said }),
    };
    await store.append(row);
    this.#seen = step;
    onRow?.(row);
    await this.#hear(row);
  }

  async #hear(row: WatchRow): Promise<void> {
    if (row.alarm !== true || this.#alarm !== undefined) return;
    this.#alarm = row;
    await this.options.onAlarm?.(row);
  }
}
