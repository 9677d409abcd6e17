/** What a training does step by step, whatever it learns from: conversations, or rewards. */
import type { Before, TrainingCallback, TrainingStep } from "./callback.js";

export interface CourseOptions {
  /** Steps that were taken before and are left out; the model must be as it was after them. Default 0. */
  readonly done?: number;
  /** Of those steps, for each callback. */
  readonly before?: (callback: TrainingCallback) => Before | undefined;
  readonly onStep?: (step: TrainingStep) => void | Promise<void>;
  /** Called in this order, after `onStep`. */
  readonly callbacks?: readonly TrainingCallback[];
  readonly signal?: AbortSignal;
  /** Bytes that the process may take; default what it has and what is free. */
  readonly memory?: number | undefined;
}

export interface Course {
  readonly steps: number;
  /** Optimiser steps in each of them; default 1. */
  readonly updates?: number;
  /**
   * Trains the model where it is, from the weights it has now. Stops between steps when `signal` is aborted. Returns how
   * many steps were taken, those `done` before among them: fewer than planned where a callback ended it.
   */
  take(options: CourseOptions): Promise<number>;
}
