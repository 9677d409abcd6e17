/** What panels that stand below each other over one axis have in common: their size, heading and axes. */
import * as Plot from "@observablehq/plot";
import { decimal } from "../../text/index.js";
import { faint, muted } from "./theme.js";

export interface PanelFrame {
  readonly heading: string;
  /** A share in [0, 1] is shown in percent. */
  readonly unit: "share" | "number";
  readonly width: number;
  /** Whether the axis is written below; panels above another share the lowest one's. */
  readonly last: boolean;
  readonly x: Plot.AxisXOptions;
}

const LEFT = 52;
/** Between the drawing's edge and the heading. */
const INDENT = 8;

export const panelLayout = ({ width, last }: Pick<PanelFrame, "width" | "last">) => ({
  width,
  height: last ? 190 : 160,
  marginTop: 32,
  marginLeft: LEFT,
  marginRight: 20,
  marginBottom: last ? 44 : 14,
});

export const panelMarks = ({ heading, unit, last, x }: PanelFrame): Plot.Markish[] => [
  Plot.gridY({ ticks: 4, stroke: faint, strokeOpacity: 1 }),
  Plot.axisY({
    ticks: 4,
    tickSize: 0,
    fill: muted,
    tickFormat: (y: number) => tickText(unit, y),
  }),
  ...(last ? [Plot.axisX({ tickSize: 0, fill: muted, labelArrow: "none", labelAnchor: "center", ...x })] : []),
  Plot.text([heading], {
    frameAnchor: "top-left",
    dx: INDENT - LEFT,
    dy: -24,
    textAnchor: "start",
    fontWeight: 600,
  }),
];

export const tickText = (unit: PanelFrame["unit"], value: number): string =>
  unit === "share" ? `${Math.round(100 * value)} %` : decimal(value);

/** Shares are shown from 0; up to 1 only where they come near it, so that small ones can be seen. */
export const shareDomain = (most: number): [number, number] => [0, [0.1, 0.25, 0.5].find((top) => most <= top) ?? 1];
