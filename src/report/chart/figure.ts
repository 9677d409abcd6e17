/** One panel of a chart: a measure over the axis, a line for each curve, with intervals. */
import * as Plot from "@observablehq/plot";
import { draw, type FigureOptions } from "../figures/draw.js";
import { headingLines, headingMark, panelLayout, panelMarks, shareDomain, tickText } from "../figures/panel.js";
import { faint, isNarrow, muted, roleColors, wideWidth } from "../figures/theme.js";
import { decimal, withSign } from "../../text/index.js";
import { curvesOf, signOf, type Charted, type ChartPanel, type ChartPoint } from "./data.js";

/** Pixels between the curves at one place of the axis, so that none hides another. */
const BESIDE = 5;

interface Mark {
  readonly at: number | string;
  readonly y: number;
  readonly low: number;
  readonly high: number;
  readonly broken: boolean;
}

/** @param last whether the axis is written below; panels above another share the lowest one's */
export function chartFigure(
  panel: ChartPanel,
  charted: Charted,
  { width = wideWidth, last = true }: FigureOptions & { readonly last?: boolean } = {},
): string {
  const { axis } = charted;
  const labels = {
    id: `panel-${panel.key.replaceAll(/\W+/g, "-")}`,
    title: `${panel.heading}, by ${axis.label}`,
    description: describe(panel, charted),
  };
  return axis.kind === "names"
    ? draw(labels, names(panel, charted, width))
    : draw(labels, lines(panel, charted, width, last));
}

function marksOf({ key }: ChartPanel, points: readonly ChartPoint[], curve: string): Mark[] {
  return points.flatMap((point) => {
    const metric = point.metrics[key];
    if (point.curve !== curve || metric === undefined || metric.estimate === null) return [];
    const { estimate, low, high } = metric;
    return [{ at: point.at, y: estimate, low: low ?? estimate, high: high ?? estimate, broken: point.broken === true }];
  });
}

function domainOf({ key, unit, limit }: ChartPanel, points: readonly ChartPoint[]): [number, number] {
  const ends = points.flatMap(({ metrics }) => {
    const metric = metrics[key];
    return metric === undefined || metric.estimate === null
      ? []
      : [metric.low ?? metric.estimate, metric.high ?? metric.estimate];
  });
  if (limit !== undefined) ends.push(limit);
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const end of ends) [least, most] = [Math.min(least, end), Math.max(most, end)];
  if (unit === "share") return shareDomain(most);
  if (ends.length === 0) return [0, 1];
  const room = 0.05 * (most - least || 1);
  return [least - room, most + room];
}

function lines(panel: ChartPanel, charted: Charted, width: number, last: boolean): Plot.PlotOptions {
  const { points, axis, mark } = charted;
  const { unit = "" } = axis;
  const ats = [...new Set(points.map(({ at }) => at))].toSorted((a, b) => Number(a) - Number(b));
  const ordered = axis.kind === "ordered";
  const domain = domainOf(panel, points);
  const curves = curvesOf(charted);
  const text = (at: number | string): string => `${at}${isNarrow(width) ? "" : unit}`;
  const label = isNarrow(width) && unit !== "" ? `${axis.label} (${unit.trim()})` : axis.label;
  return {
    ...panelLayout({ heading: panel.heading, width, last }),
    x: {
      label: null,
      // Of all points, measured or not, so that the panels stand over one axis.
      ...(ordered
        ? { type: "point", domain: ats, padding: 0.3 }
        : { domain: rangeOf(ats), inset: BESIDE * (curves.length - 1) }),
      ...(last ? {} : { axis: null }),
    },
    y: { domain, label: null },
    marks: [
      ...panelMarks({
        heading: panel.heading,
        unit: panel.unit,
        domain,
        width,
        last,
        x: {
          ...(ordered ? {} : { ticks: ats.length === 1 ? ats : isNarrow(width) ? 5 : 10 }),
          tickFormat: text,
          label,
        },
      }),
      ...(mark ? [Plot.ruleX([mark.at], { stroke: muted, strokeWidth: 1.5 })] : []),
      ...(panel.limit === undefined ? [] : [Plot.ruleY([panel.limit], { stroke: muted, strokeDasharray: "4 3" })]),
      ...curves.flatMap((curve, i) => {
        const marks = marksOf(panel, points, curve);
        const { role, symbol } = signOf(charted, curve);
        const stroke = roleColors[role];
        const dashed = charted.controls?.includes(curve) === true ? { strokeDasharray: "4 3" } : {};
        const dx = BESIDE * (i - (curves.length - 1) / 2);
        return [
          Plot.ruleX(marks, { dx, x: "at", y1: "low", y2: "high", stroke, strokeOpacity: 0.5, strokeWidth: 3 }),
          Plot.lineY(marks, { dx, x: "at", y: "y", stroke, strokeWidth: 1.6, ...dashed }),
          Plot.dot(marks, {
            dx,
            x: "at",
            y: "y",
            r: marks.length > 40 ? 2 : 4,
            stroke,
            strokeWidth: 1.6,
            fill: (point: Mark) => (role === "base" ? "none" : point.broken ? "var(--askew-paper, #fff)" : stroke),
            symbol,
          }),
        ];
      }),
    ],
  };
}

/** A place that is alone stands in the middle. */
function rangeOf(ats: readonly (number | string)[]): [number, number] {
  const [first, last] = [Number(ats[0] ?? 0), Number(ats.at(-1) ?? 0)];
  return ats.length > 1 ? [first, last] : [first - 0.5, first + 0.5];
}

/** Names need room, so they stand above their own row. */
function names(panel: ChartPanel, charted: Charted, width: number): Plot.PlotOptions {
  const { points } = charted;
  const ats = [...new Set(points.map(({ at }) => at))];
  const curves = curvesOf(charted);
  const row = 34 + 16 * curves.length;
  const domain = domainOf(panel, points);
  const more = 16 * (headingLines(panel.heading, width).length - 1);
  const marked = curves.map((curve) => marksOf(panel, points, curve));
  // A row's curves stand close together in its middle, however many the others have.
  const placeOf = (curve: number, at: Mark["at"]): number => {
    const here = curves.flatMap((_, i) => (marked[i]?.some((mark) => mark.at === at) === true ? [i] : []));
    return (curves.length - here.length) / 2 + here.indexOf(curve);
  };
  return {
    width,
    height: 62 + more + row * ats.length,
    marginTop: 32 + more,
    marginLeft: 20,
    marginRight: 24,
    marginBottom: 26,
    x: { domain, label: null },
    y: { axis: null, domain: [curves.length - 0.6, -0.4], insetTop: 14, insetBottom: 12 },
    fy: { axis: null, domain: ats, padding: 0 },
    marks: [
      Plot.gridX({ ticks: 4, stroke: faint, strokeOpacity: 1 }),
      Plot.axisX({ ticks: 4, tickSize: 0, fill: muted, tickFormat: (x: number) => tickText(panel.unit, x, domain) }),
      headingMark(panel.heading, width, { fy: () => ats[0] }),
      Plot.text(ats, {
        fy: (at: unknown) => at,
        text: String,
        frameAnchor: "top-left",
        dy: 3,
        textAnchor: "start",
        fill: muted,
      }),
      ...(domain[0] < 0 && domain[1] > 0 ? [Plot.ruleX([0], { stroke: muted })] : []),
      ...curves.flatMap((curve, i) => {
        const marks = marked[i] ?? [];
        const { role, symbol } = signOf(charted, curve);
        const stroke = roleColors[role];
        const place = { fy: "at", y: ({ at }: Mark) => placeOf(i, at) } as const;
        return [
          Plot.ruleY(marks, { ...place, x1: "low", x2: "high", stroke, strokeOpacity: 0.5, strokeWidth: 3 }),
          Plot.dot(marks, {
            ...place,
            x: "y",
            r: 4,
            stroke,
            strokeWidth: 1.6,
            fill: role === "base" ? "none" : stroke,
            symbol,
          }),
        ];
      }),
    ],
  };
}

function describe(panel: ChartPanel, charted: Charted): string {
  const { points, axis, mark } = charted;
  const each = curvesOf(charted).map((curve) => {
    const values = marksOf(panel, points, curve).map(
      ({ at, y, broken }) =>
        `${at}${axis.unit ?? ""}: ${panel.unit === "share" ? withSign(y) : decimal(y)}${broken ? " (not coherent)" : ""}`,
    );
    return `${curve}, by ${axis.label}: ${values.join(", ")}`;
  });
  return `${[...each, ...(mark ? [mark.name] : [])].join(". ")}.`;
}
