/** What an experiment found, as `summary.json` has it. */
import type { SeedMetric } from "../../evaluation/index.js";
import type { Axis, Measure } from "./measures.js";

/** A share as `scoreSet` gives it, or the mean of a reading over seeds; then there is no Wilson interval. */
export type PointMetric = Omit<SeedMetric, "wilson"> & Partial<Pick<SeedMetric, "wilson">>;

export interface PointSummary {
  readonly arm: string;
  readonly curve: string;
  readonly at: number | string;
  readonly seeds: number;
  /** The candidate that made it, where there were several. */
  readonly candidate?: string;
  /** By the measures' keys; those that this point has. */
  readonly metrics: Readonly<Record<string, PointMetric>>;
}

export interface TrialSummary {
  /** The arm, or the name under which several choose together. */
  readonly arm: string;
  readonly candidate: string;
  readonly taken: boolean;
  /** By what was chosen. */
  readonly about: string;
  /** Of the answers to the development questions; `trained` where that was asked for, too. */
  readonly metrics: Readonly<Record<string, PointMetric>>;
}

/** Spearman's, of a curve's first measure with the places of its points. */
export interface CurveCorrelation {
  readonly curve: string;
  readonly estimate: number | null;
  /** A percentile bootstrap over points and seeds. */
  readonly low: number | null;
  readonly high: number | null;
  readonly points: number;
  readonly seeds: number;
}

export interface ExperimentSummary {
  readonly experiment: string;
  readonly about: string;
  readonly published: string;
  readonly model: string;
  /** sha256 of its weights. */
  readonly base: string;
  readonly seeds: readonly number[];
  readonly axis: Axis;
  readonly measures: readonly Measure[];
  readonly points: readonly PointSummary[];
  /** How candidates did on the development questions, where there were any. */
  readonly trials: readonly TrialSummary[];
  /** Where the experiment asks for them. */
  readonly correlations?: readonly CurveCorrelation[];
  readonly findings: readonly string[];
}
