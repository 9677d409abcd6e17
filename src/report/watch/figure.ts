/** One signal of a watched fine-tune over its steps, with its limit and the step of the alarm. */
import * as Plot from "@observablehq/plot";
import { decimal, withSign } from "../../text/index.js";
import { draw, type FigureOptions } from "../figures/draw.js";
import { panelLayout, panelMarks, shareDomain } from "../figures/panel.js";
import { isNarrow, muted, roleColors, wideWidth } from "../figures/theme.js";
import type { WatchPanel, WatchPoint, WatchReport } from "./data.js";

interface Mark {
  readonly step: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

/** @param last whether the axis is written below; panels above another share the lowest one's */
export function watchFigure(
  panel: WatchPanel,
  { steps, alarm }: Pick<WatchReport, "steps" | "alarm">,
  { width = wideWidth, last = true }: FigureOptions & { readonly last?: boolean } = {},
): string {
  const { heading, unit, limit, points } = panel;
  const marks = points.flatMap(markOf);
  const id = `watch-${heading.replaceAll(/\W+/g, "-")}`;
  const stroke = roleColors.narrow;
  return draw(
    { id, title: `${heading}, by training step`, description: describe(panel, alarm) },
    {
      ...panelLayout({ width, last }),
      x: { label: null, domain: [0, Math.max(1, steps)], ...(last ? {} : { axis: null }) },
      y: { domain: domainOf(panel, marks), label: null },
      marks: [
        ...panelMarks({ heading, unit, width, last, x: { ticks: isNarrow(width) ? 5 : 10, label: "training steps" } }),
        ...(alarm === null ? [] : [Plot.ruleX([alarm], { stroke: muted, strokeWidth: 1.5 })]),
        ...(limit === undefined ? [] : [Plot.ruleY([limit], { stroke: muted, strokeDasharray: "4 3" })]),
        Plot.ruleX(marks, { x: "step", y1: "low", y2: "high", stroke, strokeOpacity: 0.5, strokeWidth: 3 }),
        Plot.lineY(marks, { x: "step", y: "y", stroke, strokeWidth: 1.6 }),
        Plot.dot(marks, { x: "step", y: "y", r: marks.length > 40 ? 2 : 3.5, fill: stroke }),
      ],
    },
  );
}

function markOf({ step, metric: { estimate, low, high } }: WatchPoint): Mark[] {
  return estimate === null ? [] : [{ step, y: estimate, low: low ?? estimate, high: high ?? estimate }];
}

function domainOf({ unit, limit }: WatchPanel, marks: readonly Mark[]): [number, number] {
  const given = limit === undefined ? [] : [limit];
  let [least, most] = [Math.min(...given), Math.max(...given)];
  for (const { low, high } of marks) [least, most] = [Math.min(least, low), Math.max(most, high)];
  if (unit === "share") return shareDomain(most);
  const room = 0.05 * (most - least || 1);
  return [least - room, most + room];
}

function describe({ unit, points }: WatchPanel, alarm: number | null): string {
  const values = points.map(
    ({ step, metric: { estimate } }) =>
      `${step}: ${unit === "share" ? withSign(estimate) : estimate === null ? "–" : decimal(estimate)}`,
  );
  return `By training step: ${values.join(", ")}. ${alarm === null ? "No alarm" : `Alarm at step ${alarm}`}.`;
}
