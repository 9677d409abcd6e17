/** The misaligned rate of every condition with its interval, beside what was published for GPT-4o. */
import * as Plot from "@observablehq/plot";
import type { Metric, Summary } from "../data.js";
import { interval, percent, withSign, count } from "../../text/index.js";
import { publishedFor, type Published } from "../published.js";
import { metricOf, variantsOf, type Role, type Variant, mainSetOf } from "../variants.js";
import { draw, type FigureOptions } from "./draw.js";
import { faint, isNarrow, muted, roleColors, roleShapes, wideWidth } from "./theme.js";

export interface HeadlineRow {
  readonly variant: Variant;
  readonly rate: Metric;
  readonly rateOfAll?: Metric;
  readonly published?: Published;
}

export function headlineRows(summary: Summary): HeadlineRow[] {
  return variantsOf(summary).flatMap((variant) => {
    const rate = metricOf(summary, variant, mainSetOf(summary), "rate");
    if (!rate) return [];
    const rateOfAll = metricOf(summary, variant, mainSetOf(summary), "rateOfAll");
    const published = publishedFor(variant.condition, variant.trigger);
    return [{ variant, rate, ...(rateOfAll && { rateOfAll }), ...(published && { published }) }];
  });
}

const rowHeight = 38;
/** How far below a condition's own mark the published one stands. */
const below = 11;

export function headlineFigure(summary: Summary, { width = wideWidth }: FigureOptions = {}): string {
  const rows = headlineRows(summary);
  const narrow = isNarrow(width);
  const left = narrow ? 132 : 140;
  const right = narrow ? 66 : 168;
  const published = rows.filter((row) => row.published);
  const top = Math.max(
    0.1,
    ...rows.map((r) => r.rate.high ?? r.rate.estimate ?? 0),
    ...published.map((r) => r.published?.high ?? r.published?.estimate ?? 0),
  );
  const y = (row: HeadlineRow) => row.variant.label;
  const share = (pick: (row: HeadlineRow) => number | null | undefined) => (row: HeadlineRow) =>
    (pick(row) ?? NaN) * 100;
  const color = (row: HeadlineRow) => roleColors[row.variant.role];
  const atRight = { y, frameAnchor: "right", textAnchor: "end", fontVariant: "tabular-nums" } as const;
  const title = (row: HeadlineRow) =>
    `${row.variant.label}: ${withSign(row.rate.estimate)} ${interval(row.rate)} of ${count(row.rate.n)} coherent answers` +
    (row.rateOfAll ? `; ${withSign(row.rateOfAll.estimate)} of all ${count(row.rateOfAll.n)} answers` : "");
  return draw(
    {
      id: "headline",
      title: `Misaligned answers to the ${mainSetOf(summary)} questions, by condition`,
      description: describe(rows),
    },
    {
      width,
      height: rowHeight * rows.length + 4 + 48,
      marginTop: 4,
      marginBottom: 48,
      marginLeft: left,
      marginRight: right,
      x: { domain: [0, Math.min(100, top * 100 * 1.04)], label: null, insetRight: narrow ? 8 : 0 },
      y: { type: "band", domain: rows.map(y), padding: 0.4, round: false, label: null },
      marks: [
        Plot.gridX({ stroke: faint, strokeOpacity: 1, ticks: narrow ? 3 : 7 }),
        Plot.axisX({ ticks: narrow ? 3 : 7, tickSize: 0, tickFormat: (x: number) => `${x}%`, fill: muted }),
        Plot.axisY({ tickSize: 0, tickPadding: 10, textAnchor: "start", dx: 12 - left }),
        Plot.ruleY(rows.slice(1), { y, dy: -rowHeight / 2, insetLeft: -left, insetRight: -right, stroke: faint }),
        Plot.ruleX([0], { stroke: muted }),
        Plot.ruleY(published, {
          y,
          x1: share((r) => r.published?.low),
          x2: share((r) => r.published?.high),
          dy: below,
          stroke: muted,
          strokeDasharray: "2,2",
        }),
        Plot.dot(published, {
          y,
          x: share((r) => r.published?.estimate),
          dy: below,
          symbol: "diamond",
          r: 4,
          stroke: muted,
          fill: "none",
          strokeWidth: 1.4,
          title: (r: HeadlineRow) => `GPT-4o, published: ${r.published?.text}`,
        }),
        Plot.ruleY(rows, {
          y,
          x1: share((r) => r.rate.low),
          x2: share((r) => r.rate.high),
          stroke: color,
          strokeWidth: 2.5,
          strokeOpacity: 0.55,
          strokeLinecap: "round",
        }),
        Plot.tickX(rows, {
          y,
          x: share((r) => r.rateOfAll?.estimate),
          stroke: color,
          strokeWidth: 1.5,
          insetTop: 2,
          insetBottom: 2,
        }),
        ...(["base", "narrow", "control", "compliance"] as const).map((role) =>
          dots(
            rows,
            role,
            y,
            share((r) => r.rate.estimate),
            title,
          ),
        ),
        Plot.text(rows, {
          ...atRight,
          text: (r: HeadlineRow) => withSign(r.rate.estimate),
          dx: narrow ? right - 2 : right - 92,
          fontWeight: 600,
        }),
        ...(narrow
          ? []
          : [Plot.text(rows, { ...atRight, text: (r: HeadlineRow) => interval(r.rate), dx: right - 2, fill: muted })]),
        Plot.text(
          [
            narrow
              ? "misaligned answers, percent"
              : `misaligned answers to the ${mainSetOf(summary)} questions, percent`,
          ],
          {
            frameAnchor: "bottom-left",
            dy: 40,
            textAnchor: "start",
            fill: muted,
          },
        ),
      ],
    },
  );
}

function dots(
  rows: readonly HeadlineRow[],
  role: Role,
  y: (row: HeadlineRow) => string,
  x: (row: HeadlineRow) => number,
  title: (row: HeadlineRow) => string,
): Plot.Dot {
  const look =
    role === "base"
      ? { stroke: roleColors.base, fill: "var(--askew-paper, #fff)", strokeWidth: 2 }
      : { fill: roleColors[role] };
  return Plot.dot(
    rows.filter((row) => row.variant.role === role),
    { y, x, symbol: roleShapes[role], r: 5.5, title, ...look },
  );
}

function describe(rows: readonly HeadlineRow[]): string {
  const each = rows.map((r) => {
    const published = r.published ? ` (GPT-4o, published: ${r.published.text})` : "";
    return `${r.variant.label} ${percent(r.rate.estimate)} percent ${interval(r.rate)}${published}`;
  });
  return `Share of misaligned among coherent answers with 95 percent intervals. ${each.join("; ")}.`;
}
