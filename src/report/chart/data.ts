/**
 * What a page with a chart is made from: measures over an axis, a line for each curve. Experiments, sweeps of steering,
 * re-alignments and watched fine-tunes are drawn from it.
 */
import type { Metric } from "../data.js";
import type { Part } from "../markup.js";
import type { Role } from "../variants.js";

export interface ChartPoint {
  /** The line that it belongs to. */
  readonly curve: string;
  readonly at: number | string;
  /** Where points rest on several. */
  readonly seeds?: number;
  /** By the panels' keys. */
  readonly metrics: Readonly<Record<string, Metric>>;
  /** Drawn hollow: the model was broken here, so its shares say little. */
  readonly broken?: boolean;
}

export interface ChartPanel {
  readonly key: string;
  /** `misaligned, of coherent answers`; up to 40 characters fit a phone. */
  readonly heading: string;
  /** A share in [0, 1], shown in percent, or a plain number. */
  readonly unit: "share" | "number";
  /** Whether it is a panel of the chart, not a column of the numbers alone; default true. */
  readonly drawn?: boolean;
  /** Drawn as a line across; above it something is meant. */
  readonly limit?: number;
}

export interface ChartAxis {
  readonly label: string;
  /** Behind each number: ` %`. */
  readonly unit?: string;
  /** `number`: where they are; `ordered`: at equal distances, in a line; `names`: one row each, no line. */
  readonly kind: "number" | "ordered" | "names";
}

export interface ChartReport {
  readonly title: string;
  readonly sentences: readonly string[];
  /** `What was measured`. */
  readonly heading: string;
  /** What the intervals are, and what the panels' headings mean. */
  readonly caption: string;
  readonly axis: ChartAxis;
  readonly panels: readonly ChartPanel[];
  readonly points: readonly ChartPoint[];
  /** Curves that are drawn dashed, in the controls' colour. */
  readonly controls?: readonly string[];
  /** Drawn as a line down, with what it is: the step of an alarm. */
  readonly mark?: { readonly at: number; readonly name: string } | undefined;
  /** Tables beside that of the points, such as what was chosen between. */
  readonly tables?: readonly {
    readonly caption: string;
    readonly headings: readonly string[];
    readonly rows: readonly (readonly string[])[];
  }[];
  readonly facts: readonly (readonly [string, Part])[];
  readonly commands: readonly string[];
  /** Version. */
  readonly askew: string;
}

export type Charted = Pick<ChartReport, "points" | "axis" | "controls" | "mark">;

export const curvesOf = ({ points }: Pick<Charted, "points">): string[] => [
  ...new Set(points.map(({ curve }) => curve)),
];

/** Signs of the curves, in their order; they are told apart by shape as well as by colour. */
const CURVE_ROLES: readonly Role[] = ["narrow", "control", "compliance", "base"];

export function roleOf({ points, controls }: Pick<Charted, "points" | "controls">, curve: string): Role {
  if (controls?.includes(curve) === true) return "control";
  if (controls !== undefined) return "narrow";
  return CURVE_ROLES[curvesOf({ points }).indexOf(curve) % CURVE_ROLES.length] as Role;
}
