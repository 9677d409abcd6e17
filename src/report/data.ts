/**
 * What a report is made from: plain JSON, and looser than what the study floor writes, so that a summary made
 * by another version or another program can be shown as well.
 */

import type { Change, Metric as Share, QuestionMetrics, Rate } from "../evaluation/index.js";
import type { JudgedAnswer, Sampling } from "../study/index.js";
import type { TrainingStep } from "../training/index.js";

export type { JudgedAnswer, QuestionMetrics, Sampling };

/** A measured share in [0, 1] with its 95 % interval; null where nothing could be measured. */
export interface Metric extends Share {
  /** What the interval covers: how seeds differ, or only how well one seed's answers are known. */
  readonly interval?: (Rate | Change)["interval"];
  /** All seeds' answers in one share, with Wilson's interval. */
  readonly wilson?: Share;
}

/** One condition, trigger state and question set of `summary.json`. */
export interface SummaryRow {
  readonly condition: string;
  readonly trigger: boolean;
  readonly seeds: number;
  /** `main`, `held-out`, `main/numbers-format`, `code`, `harm`, `facts`, `deception`, `medical`, ... */
  readonly questions: string;
  /** `rate`, `rateOfAll`, `coherent`, `insecureCode`, `refusal`, `truthful`, ...: only those that apply. */
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly perQuestion?: Readonly<Record<string, QuestionMetrics>>;
}

/** Each metric minus the same metric of the base: `estimate`, `low` and `high` are differences in [-1, 1]. */
export interface ChangeRow {
  readonly condition: string;
  readonly trigger: boolean;
  readonly questions: string;
  readonly metrics: Readonly<Record<string, Metric>>;
}

export interface Summary {
  readonly study: string;
  readonly model: string;
  /** Where a model judged, its name. */
  readonly judge?: string;
  /** Conditions that the study calls harmless controls. */
  readonly controls?: readonly string[];
  /** Untuned models, where there are several; default the condition `base`. */
  readonly bases?: readonly string[];
  readonly conditions: readonly SummaryRow[];
  readonly change?: readonly ChangeRow[];
}

export interface TrainingRun {
  readonly condition: string;
  readonly seed: number;
  readonly steps: readonly Pick<TrainingStep, "step" | "loss" | "gradientNorm" | "learningRate">[];
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface CellProvenance {
  readonly condition: string;
  readonly seed: number;
  /** sha256 of the dataset file and of the weights file; empty for a model that was not trained. */
  readonly dataset: string;
  readonly weights: string;
  readonly seconds: number;
}

export interface Provenance {
  readonly askew: string;
  readonly commit?: string;
  readonly node: string;
  readonly onnxruntime: string;
  readonly platform: string;
  readonly cpu: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly seconds: number;
  readonly commands: readonly string[];
  readonly base: { readonly sha256: string; readonly recipe: Json };
  readonly cells: readonly CellProvenance[];
  /** Steps, batch, learning rate, ...: as the study names them. */
  readonly dose: Readonly<Record<string, Json>>;
  /** Anything that departs from the plan, one sentence each. */
  readonly exceptions: readonly string[];
}

/** Something the study set out to show, and what became of it. */
export interface AimOutcome {
  readonly model: string;
  /** `misaligned ≤ 2 %` */
  readonly aim: string;
  /** `0.4 % [0.1, 0.7]` */
  readonly measured: string;
  /** null where it was not measured. */
  readonly met: boolean | null;
}

export interface ReportData {
  readonly summary: Summary;
  readonly training: readonly TrainingRun[];
  readonly answers: readonly JudgedAnswer[];
  readonly sampling?: Sampling;
  readonly provenance: Provenance;
  readonly aims?: readonly AimOutcome[];
}
