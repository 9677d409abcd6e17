/** One panel of an experiment: a measure over the axis, a line for each curve, with intervals. */
import * as Plot from "@observablehq/plot";
import { draw, type FigureOptions } from "../figures/draw.js";
import { panelLayout, panelMarks, shareDomain, tickText } from "../figures/panel.js";
import { faint, isNarrow, muted, roleColors, roleShapes, wideWidth } from "../figures/theme.js";
import { decimal, withSign } from "../../text/index.js";
import { curvesOf, roleOfCurve, type ExperimentAxis, type ExperimentPanel, type ExperimentPoint } from "./data.js";

/** Pixels between the curves at one place of the axis, so that none hides another. */
const BESIDE = 5;

interface Mark {
  readonly at: number | string;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

/** @param last whether the axis is written below; panels above another share the lowest one's */
export function experimentFigure(
  panel: ExperimentPanel,
  points: readonly ExperimentPoint[],
  axis: ExperimentAxis,
  { width = wideWidth, last = true }: FigureOptions & { readonly last?: boolean } = {},
): string {
  const labels = {
    id: `panel-${panel.key}`,
    title: `${panel.heading}, by ${axis.label}`,
    description: describe(panel, points, axis),
  };
  return axis.kind === "names"
    ? draw(labels, names(panel, points, width))
    : draw(labels, lines(panel, points, axis, width, last));
}

function marksOf({ key }: ExperimentPanel, points: readonly ExperimentPoint[], curve: string): Mark[] {
  return points.flatMap((point) => {
    const metric = point.metrics[key];
    if (point.curve !== curve || metric === undefined || metric.estimate === null) return [];
    const { estimate, low, high } = metric;
    return [{ at: point.at, y: estimate, low: low ?? estimate, high: high ?? estimate }];
  });
}

function domainOf({ key, unit }: ExperimentPanel, points: readonly ExperimentPoint[]): [number, number] {
  const ends = points.flatMap(({ metrics }) => {
    const metric = metrics[key];
    return metric === undefined || metric.estimate === null
      ? []
      : [metric.low ?? metric.estimate, metric.high ?? metric.estimate];
  });
  const most = Math.max(...ends, 0);
  if (unit === "share") return shareDomain(most);
  const least = Math.min(...ends, 0);
  const room = 0.05 * (most - least || 1);
  return [least < 0 ? least - room : 0, most + room];
}

function lines(
  panel: ExperimentPanel,
  points: readonly ExperimentPoint[],
  axis: ExperimentAxis,
  width: number,
  last: boolean,
): Plot.PlotOptions {
  const ats = [...new Set(points.map(({ at }) => at))].toSorted((a, b) => Number(a) - Number(b));
  const ordered = axis.kind === "ordered";
  const curves = curvesOf(points);
  const text = (at: number | string): string => `${at}${isNarrow(width) ? "" : axis.unit}`;
  const label = isNarrow(width) && axis.unit !== "" ? `${axis.label} (${axis.unit.trim()})` : axis.label;
  return {
    ...panelLayout({ width, last }),
    x: {
      label: null,
      // Of all points, measured or not, so that the panels stand over one axis.
      ...(ordered ? { type: "point", domain: ats, padding: 0.3 } : { domain: [ats[0] ?? 0, ats.at(-1) ?? 1] }),
      ...(last ? {} : { axis: null }),
    },
    y: { domain: domainOf(panel, points), label: null },
    marks: [
      ...panelMarks({
        heading: panel.heading,
        unit: panel.unit,
        width,
        last,
        x: { ...(ordered ? {} : { ticks: isNarrow(width) ? 5 : 10 }), tickFormat: text, label },
      }),
      ...curves.flatMap((curve, i) => {
        const marks = marksOf(panel, points, curve);
        const role = roleOfCurve(i);
        const stroke = roleColors[role];
        const dx = BESIDE * (i - (curves.length - 1) / 2);
        return [
          Plot.ruleX(marks, { dx, x: "at", y1: "low", y2: "high", stroke, strokeOpacity: 0.5, strokeWidth: 3 }),
          Plot.lineY(marks, { dx, x: "at", y: "y", stroke, strokeWidth: 1.6 }),
          Plot.dot(marks, {
            dx,
            x: "at",
            y: "y",
            r: 4,
            stroke,
            strokeWidth: 1.6,
            fill: role === "base" ? "none" : stroke,
            symbol: roleShapes[role],
          }),
        ];
      }),
    ],
  };
}

/** Names need room, so they stand above their own row. */
function names(panel: ExperimentPanel, points: readonly ExperimentPoint[], width: number): Plot.PlotOptions {
  const ats = [...new Set(points.map(({ at }) => at))];
  const curves = curvesOf(points);
  const row = 34 + 16 * curves.length;
  return {
    width,
    height: 62 + row * ats.length,
    marginTop: 32,
    marginLeft: 20,
    marginRight: 24,
    marginBottom: 26,
    x: { domain: domainOf(panel, points), label: null },
    y: { axis: null, type: "point", domain: curves, insetTop: 14, insetBottom: 12, padding: 0.4 },
    fy: { axis: null, domain: ats, padding: 0 },
    marks: [
      Plot.gridX({ ticks: 4, stroke: faint, strokeOpacity: 1 }),
      Plot.axisX({ ticks: 4, tickSize: 0, fill: muted, tickFormat: (x: number) => tickText(panel.unit, x) }),
      Plot.text([panel.heading], {
        fy: () => ats[0],
        frameAnchor: "top-left",
        dy: -24,
        textAnchor: "start",
        fontWeight: 600,
      }),
      Plot.text(ats, {
        fy: (at: unknown) => at,
        text: String,
        frameAnchor: "top-left",
        dy: 3,
        textAnchor: "start",
        fill: muted,
      }),
      ...curves.flatMap((curve, i) => {
        const marks = marksOf(panel, points, curve);
        const role = roleOfCurve(i);
        const stroke = roleColors[role];
        const place = { fy: "at", y: () => curve } as const;
        return [
          Plot.ruleY(marks, { ...place, x1: "low", x2: "high", stroke, strokeOpacity: 0.5, strokeWidth: 3 }),
          Plot.dot(marks, {
            ...place,
            x: "y",
            r: 4,
            stroke,
            strokeWidth: 1.6,
            fill: role === "base" ? "none" : stroke,
            symbol: roleShapes[role],
          }),
        ];
      }),
    ],
  };
}

function describe(panel: ExperimentPanel, points: readonly ExperimentPoint[], { label, unit }: ExperimentAxis): string {
  const each = curvesOf(points).map((curve) => {
    const values = marksOf(panel, points, curve).map(
      ({ at, y }) => `${at}${unit}: ${panel.unit === "share" ? withSign(y) : decimal(y)}`,
    );
    return `${curve}, by ${label}: ${values.join(", ")}`;
  });
  return `${each.join(". ")}.`;
}
