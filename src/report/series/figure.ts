/** Shares over a strength or over steps, with their intervals; one panel a measure. */
import * as Plot from "@observablehq/plot";
import { draw, type FigureOptions } from "../figures/draw.js";
import { faint, isNarrow, muted, roleColors, wideWidth } from "../figures/theme.js";
import { withSign } from "../../text/index.js";
import type { Curve, CurvePoint, Panel } from "./data.js";

interface Mark extends CurvePoint {
  readonly name: string;
  readonly estimate: number;
}

const colorOf = ({ role }: Curve): string => (role === "control" ? roleColors.control : roleColors.narrow);

export function curveFigure(panel: Panel, xLabel: string, { width = wideWidth }: FigureOptions = {}): string {
  const marks = (curve: Curve): Mark[] =>
    curve.points.flatMap((point) =>
      point.metric.estimate === null ? [] : [{ ...point, name: curve.name, estimate: point.metric.estimate }],
    );
  const id = `curve-${panel.heading.replaceAll(/\W+/g, "-")}`;
  return draw(
    { id, title: `${panel.heading}, by ${xLabel}`, description: describe(panel, xLabel) },
    {
      width,
      height: isNarrow(width) ? 190 : 210,
      marginTop: 30,
      marginLeft: 52,
      marginRight: 16,
      marginBottom: 40,
      x: { label: null, nice: false },
      y: { domain: [0, 1], label: null },
      marks: [
        Plot.gridY({ ticks: 5, stroke: faint, strokeOpacity: 1 }),
        Plot.axisY({ ticks: 5, tickSize: 0, fill: muted, tickFormat: (y: number) => `${Math.round(100 * y)} %` }),
        Plot.axisX({ ticks: isNarrow(width) ? 5 : 10, tickSize: 0, fill: muted, label: xLabel, labelArrow: "none" }),
        Plot.text([panel.heading], { frameAnchor: "top-left", dy: -24, textAnchor: "start", fontWeight: 600 }),
        ...panel.curves.flatMap((curve) => {
          const points = marks(curve);
          const stroke = colorOf(curve);
          const dashed = curve.role === "control" ? { strokeDasharray: "4 3" } : {};
          return [
            Plot.ruleX(points, {
              x: "x",
              y1: (p: Mark) => p.metric.low ?? p.estimate,
              y2: (p: Mark) => p.metric.high ?? p.estimate,
              stroke,
              strokeOpacity: 0.5,
              strokeWidth: 3,
            }),
            Plot.lineY(points, { x: "x", y: "estimate", stroke, strokeWidth: 1.6, ...dashed }),
            Plot.dot(points, {
              x: "x",
              y: "estimate",
              r: 4,
              stroke,
              strokeWidth: 1.6,
              fill: (p: Mark) => (p.broken ? "var(--askew-paper, #fff)" : stroke),
              symbol: curve.role === "control" ? "square" : "circle",
            }),
          ];
        }),
      ],
    },
  );
}

function describe({ curves }: Panel, xLabel: string): string {
  const each = curves.map(({ name, points }) => {
    const values = points.map(
      ({ x, metric, broken }) => `${x}: ${withSign(metric.estimate)}${broken ? " (not coherent)" : ""}`,
    );
    return `${name}, by ${xLabel}: ${values.join(", ")}`;
  });
  return `${each.join(". ")}.`;
}
