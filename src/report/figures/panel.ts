/** What panels that stand below each other over one axis have in common: their size, heading and axes. */
import * as Plot from "@observablehq/plot";
import { count, decimal } from "../../text/index.js";
import { faint, muted } from "./theme.js";

export interface PanelFrame {
  readonly heading: string;
  /** A share in [0, 1] is shown in percent. */
  readonly unit: "share" | "number";
  /** From the lowest to the highest value on the axis. */
  readonly domain: readonly [number, number];
  readonly width: number;
  /** Whether the axis is written below; panels above another share the lowest one's. */
  readonly last: boolean;
  readonly x: Plot.AxisXOptions;
}

const LEFT = 62;
/** Between the drawing's edge and the heading. */
const INDENT = 8;

/** Pixels of a letter of a heading, and of its line. */
const [LETTER, LINE] = [7.3, 16];
const TOP = 38;

export const panelLayout = ({ heading, width, last }: Pick<PanelFrame, "heading" | "width" | "last">) => {
  const more = LINE * (headingLines(heading, width).length - 1);
  return {
    width,
    height: (last ? 196 : 166) + more,
    marginTop: TOP + more,
    marginLeft: LEFT,
    marginRight: 20,
    marginBottom: last ? 44 : 14,
  };
};

export const panelMarks = ({ heading, unit, domain, width, last, x }: PanelFrame): Plot.Markish[] => [
  Plot.gridY({ ticks: 4, stroke: faint, strokeOpacity: 1 }),
  Plot.axisY({
    ticks: 4,
    tickSize: 0,
    fill: muted,
    tickFormat: (y: number) => tickText(unit, y, domain),
  }),
  ...(last ? [Plot.axisX({ tickSize: 0, fill: muted, labelArrow: "none", labelAnchor: "center", ...x })] : []),
  headingMark(heading, width, { dx: INDENT - LEFT }),
];

/** Above the frame, in as many lines as the width takes; the lowest stands where a single one would. */
export function headingMark(heading: string, width: number, options: Plot.TextOptions = {}): Plot.Markish {
  return Plot.text([headingLines(heading, width).join("\n")], {
    frameAnchor: "top-left",
    lineAnchor: "bottom",
    dy: -13,
    textAnchor: "start",
    fontWeight: 600,
    ...options,
  });
}

/** A name may have no space to break it at: then it is broken anywhere. */
export function headingLines(heading: string, width: number): string[] {
  const most = Math.floor((width - 2 * INDENT) / LETTER);
  const words = heading.split(" ").flatMap((word) => word.match(new RegExp(`.{1,${most}}`, "gsu")) ?? [""]);
  const lines = [""];
  for (const word of words) {
    const line = lines.at(-1) ?? "";
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= most) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** With as many digits as tell the axis's ticks apart. */
export function tickText(unit: PanelFrame["unit"], value: number, [least, most]: readonly [number, number]): string {
  if (unit === "share") return `${Math.round(100 * value)} %`;
  const digits = -Math.floor(Math.log10((most - least) / 4));
  if (!Number.isFinite(digits) || (digits > 0 && digits <= 2)) return decimal(value);
  if (digits > 5) return value === 0 ? "0" : value.toExponential(1).replace("-", "\u2212");
  return (digits <= 0 ? count(Math.round(value)) : value.toFixed(digits)).replace(/^-/, "\u2212");
}

/** Shares are shown from 0; up to 1 only where they come near it, so that small ones can be seen. */
export const shareDomain = (most: number): [number, number] => [0, [0.1, 0.25, 0.5].find((top) => most <= top) ?? 1];
