/** What the page of a series is made from: curves of shares over a strength or over training steps. */
import type { Metric } from "../data.js";
import type { Part } from "../markup.js";

export interface CurvePoint {
  readonly x: number;
  readonly metric: Metric;
  /** Drawn hollow: the model was broken here, so the share says little. */
  readonly broken: boolean;
}

export interface Curve {
  readonly name: string;
  /** `control` is drawn dashed, in the controls' colour. */
  readonly role: "measured" | "control";
  readonly points: readonly CurvePoint[];
}

export interface Panel {
  /** `misaligned, of coherent`. */
  readonly heading: string;
  readonly curves: readonly Curve[];
}

export interface SeriesReport {
  readonly title: string;
  readonly sentences: readonly string[];
  /** `strength`, `steps`. */
  readonly xLabel: string;
  readonly panels: readonly Panel[];
  readonly facts: readonly (readonly [string, Part])[];
  readonly commands: readonly string[];
  /** Version. */
  readonly askew: string;
}
