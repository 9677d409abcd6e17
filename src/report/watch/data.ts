/** What the page of a watched fine-tune is made from. */
import type { Metric } from "../data.js";
import type { Part } from "../markup.js";

export interface WatchPoint {
  /** Training steps behind it; 0 is the model before the first. */
  readonly step: number;
  readonly metric: Metric;
}

export interface WatchPanel {
  /** `score: above 1 is an alarm`; up to 40 characters fit a phone. */
  readonly heading: string;
  /** A share in [0, 1], shown in percent, or a plain number. */
  readonly unit: "share" | "number";
  /** Drawn as a line across; above it something is meant. */
  readonly limit?: number;
  readonly points: readonly WatchPoint[];
}

export interface WatchReport {
  readonly title: string;
  readonly sentences: readonly string[];
  /** Steps that were planned: the end of the axis. */
  readonly steps: number;
  /** The step of the alarm; null where there was none. */
  readonly alarm: number | null;
  readonly panels: readonly WatchPanel[];
  /** What the panels' headings mean. */
  readonly caption: string;
  readonly facts: readonly (readonly [string, Part])[];
  readonly commands: readonly string[];
  /** Version. */
  readonly askew: string;
}
