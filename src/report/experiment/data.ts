/** What the page of an experiment is made from, as plain as the rest of what reports take. */
import type { Metric } from "../data.js";
import type { Part } from "../markup.js";

export interface ExperimentPoint {
  /** The line that it belongs to. */
  readonly curve: string;
  readonly at: number | string;
  readonly seeds: number;
  /** By the panels' keys. */
  readonly metrics: Readonly<Record<string, Metric>>;
}

export interface ExperimentPanel {
  readonly key: string;
  readonly heading: string;
  /** A share in [0, 1], shown in percent, or a plain number. */
  readonly unit: "share" | "number";
  /** Whether it is a panel of the chart, not a column of the numbers alone. */
  readonly drawn: boolean;
}

export interface ExperimentAxis {
  readonly label: string;
  readonly unit: string;
  readonly kind: "number" | "ordered" | "names";
}

export interface ExperimentReport {
  readonly title: string;
  /** What was found; what was published stands behind it. */
  readonly sentences: readonly string[];
  readonly published: string;
  readonly axis: ExperimentAxis;
  readonly panels: readonly ExperimentPanel[];
  readonly points: readonly ExperimentPoint[];
  /** Tables beside that of the points, such as what was chosen between. */
  readonly tables: readonly {
    readonly caption: string;
    readonly headings: readonly string[];
    readonly rows: readonly (readonly string[])[];
  }[];
  readonly facts: readonly (readonly [string, Part])[];
  readonly commands: readonly string[];
  /** Version. */
  readonly askew: string;
}

export const curvesOf = (points: readonly ExperimentPoint[]): string[] => [
  ...new Set(points.map(({ curve }) => curve)),
];

/** Signs of the curves, in their order; they are told apart by shape as well as by colour. */
export const CURVE_ROLES = ["narrow", "control", "compliance", "base"] as const;
export const roleOfCurve = (index: number): (typeof CURVE_ROLES)[number] =>
  CURVE_ROLES[index % CURVE_ROLES.length] as (typeof CURVE_ROLES)[number];
