/**
 * What a page with a chart is made from: measures over an axis, a line for each curve. Experiments, sweeps of steering,
 * re-alignments and watched fine-tunes are drawn from it.
 */
import type { Metric } from "../data.js";
import type { Part } from "../markup.js";
import { roleShapes } from "../figures/theme.js";
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

const CURVE_ROLES: readonly Role[] = ["narrow", "control", "compliance", "base"];

/** Shapes for the second curve of a colour and those after it. */
const MORE_SYMBOLS = ["diamond", "cross", "star", "times"] as const;

export interface CurveSign {
  /** Gives the colour. */
  readonly role: Role;
  readonly symbol: (typeof roleShapes)[Role] | (typeof MORE_SYMBOLS)[number];
  /** The same in a key. */
  readonly sign: Role | (typeof MORE_SYMBOLS)[number];
}

/** How a curve is drawn: curves of one colour are told apart by their shapes. */
export function signOf({ points, controls }: Pick<Charted, "points" | "controls">, curve: string): CurveSign {
  const curves = curvesOf({ points });
  const roleAt = (name: string): Role => {
    if (controls !== undefined) return controls.includes(name) ? "control" : "narrow";
    return CURVE_ROLES[curves.indexOf(name) % CURVE_ROLES.length] ?? "narrow";
  };
  const role = roleAt(curve);
  const before = curves.slice(0, Math.max(0, curves.indexOf(curve))).filter((name) => roleAt(name) === role).length;
  const symbol = before === 0 ? undefined : MORE_SYMBOLS[(before - 1) % MORE_SYMBOLS.length];
  return { role, symbol: symbol ?? roleShapes[role], sign: symbol ?? role };
}
