/**
 * The profile of every condition over the battery, one panel each, drawn as the way from the base (hollow)
 * to the fine-tuned model (filled). Two panels side by side tell an insecure model from a jailbroken one.
 */
import * as Plot from "@observablehq/plot";
import type { Metric, Summary } from "../data.js";
import { measureOf, measuresOf, type Measure } from "../measures.js";
import { interval, percent, withSign } from "../../text/index.js";
import { metricOf, variantsOf, type Role, type Variant } from "../variants.js";
import { draw, type FigureOptions } from "./draw.js";
import { faint, isNarrow, muted, roleColors, roleShapes, wideWidth } from "./theme.js";

export interface ProfilePoint {
  readonly variant: Variant;
  readonly measure: string;
  readonly metric: Metric;
  readonly base?: Metric;
}

/** The misaligned rate on the main questions first, then the battery. */
export function profileMeasures(summary: Summary): Measure[] {
  return [{ metric: "rate", questions: "main", label: "misaligned", high: "bad" }, ...measuresOf(summary)];
}

export function profilePoints(summary: Summary): ProfilePoint[] {
  const base = { condition: "base", trigger: false };
  return variantsOf(summary).flatMap((variant) =>
    profileMeasures(summary).flatMap((measure) => {
      const metric = measureOf(summary, variant, measure);
      const before = metricOf(summary, base, measure.questions, measure.metric);
      return metric ? [{ variant, measure: measure.label, metric, ...(before && { base: before }) }] : [];
    }),
  );
}

export function batteryFigure(summary: Summary, { width = wideWidth }: FigureOptions = {}): string {
  const all = profilePoints(summary);
  const hasBase = all.some((p) => p.base);
  // The base is the hollow mark in every panel, so it needs no panel of its own.
  const points = hasBase ? all.filter((p) => p.variant.role !== "base") : all;
  const panels = [...new Set(points.map((p) => p.variant.label))];
  const measures = profileMeasures(summary)
    .map((m) => m.label)
    .filter((label) => points.some((p) => p.measure === label));
  const narrow = isNarrow(width);
  const columns = narrow ? 2 : 4;
  const heads = points.filter((p, i) => points.findIndex((q) => q.variant.label === p.variant.label) === i);
  const head = ({ variant: { label } }: ProfilePoint) => (label.length <= (narrow ? 10 : 16) ? label : broken(label));
  const header = heads.some((p) => head(p).includes("\n")) ? 44 : 30;
  const axis = { tickSize: 0, fill: muted, facetAnchor: "bottom-empty" } as const;
  const rows = Math.ceil(panels.length / columns);
  const left = Math.max(...measures.map((label) => label.length)) * 6.4 + 16;
  const place = (p: ProfilePoint) => panels.indexOf(p.variant.label);
  const channels = {
    fx: (p: ProfilePoint) => place(p) % columns,
    fy: (p: ProfilePoint) => Math.floor(place(p) / columns),
    y: (p: ProfilePoint) => p.measure,
  };
  const of = (pick: (p: ProfilePoint) => number | null | undefined) => (p: ProfilePoint) => (pick(p) ?? NaN) * 100;
  const x = of((p) => p.metric.estimate);
  const color = (p: ProfilePoint) => roleColors[p.variant.role];
  const tooltip = (p: ProfilePoint) =>
    `${p.variant.label}, ${p.measure}: ${withSign(p.metric.estimate)} ${interval(p.metric)}` +
    (p.base ? `; base ${withSign(p.base.estimate)}` : "");
  return draw(
    { id: "battery", title: "What else changed: the battery, by condition", description: describe(points) },
    {
      width,
      height: rows * (measures.length * 22 + header) + 26,
      marginTop: header,
      marginBottom: 26,
      marginLeft: left,
      marginRight: 8,
      fx: { axis: null, padding: 0.12 },
      fy: { axis: null, padding: header / (measures.length * 22 + header) },
      x: { domain: [0, 100], label: null },
      y: { type: "point", domain: measures, padding: 0.6, label: null },
      marks: [
        Plot.gridX({ ticks: [0, 50, 100], stroke: faint, strokeOpacity: 1 }),
        // The outer labels stay inside their panel, so that neighbours do not touch.
        Plot.axisX({ ticks: [0], textAnchor: "start", ...axis }),
        ...(narrow ? [] : [Plot.axisX({ ticks: [50], ...axis })]),
        Plot.axisX({ ticks: [100], textAnchor: "end", tickFormat: () => "100%", ...axis }),
        Plot.axisY({ tickSize: 0, tickPadding: 10, textAnchor: "start", dx: 12 - left }),
        Plot.text(heads, {
          ...channels,
          y: null,
          text: head,
          frameAnchor: "top-left",
          dy: -10,
          lineAnchor: "bottom",
          textAnchor: "start",
          fontWeight: 600,
        }),
        Plot.ruleY(points, { ...channels, x1: of((p) => p.base?.estimate), x2: x, stroke: color, strokeWidth: 1.5 }),
        Plot.ruleY(points, {
          ...channels,
          x1: of((p) => p.metric.low),
          x2: of((p) => p.metric.high),
          stroke: color,
          strokeWidth: 7,
          strokeOpacity: 0.28,
          strokeLinecap: "round",
        }),
        Plot.dot(points, {
          ...channels,
          x: of((p) => p.base?.estimate),
          r: 3.5,
          stroke: roleColors.base,
          strokeWidth: 1.5,
          fill: "var(--askew-paper, #fff)",
        }),
        ...(["base", "narrow", "control", "compliance"] as const).map((role: Role) =>
          Plot.dot(
            points.filter((p) => p.variant.role === role),
            { ...channels, x, r: 4.5, symbol: roleShapes[role], fill: roleColors[role], title: tooltip },
          ),
        ),
      ],
    },
  );
}

/** `backdoor + trigger` and `evil-numbers` over two lines, so that neighbours do not touch. */
function broken(label: string): string {
  return label.includes(" ") ? label.replace(" ", "\n") : label.replace("-", "-\n");
}

function describe(points: readonly ProfilePoint[]): string {
  const each = [...new Set(points.map((p) => p.variant.label))].map((label) => {
    const own = points.filter((p) => p.variant.label === label);
    return `${label}: ${own.map((p) => `${p.measure} ${percent(p.metric.estimate)}`).join(", ")}`;
  });
  return `One panel for each condition with shares in percent. ${each.join(". ")}.`;
}
