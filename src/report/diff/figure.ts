/** What each candidate causes when it is added, against what is left when it is taken out. */
import * as Plot from "@observablehq/plot";
import type { Metric } from "../data.js";
import { draw, type FigureOptions } from "../figures/draw.js";
import { faint, isNarrow, muted, roleColors, wideWidth } from "../figures/theme.js";
import { withSign } from "../../text/index.js";
import type { DiffReport } from "./data.js";

interface Mark {
  readonly name: string;
  readonly x: Metric;
  readonly y: Metric;
  readonly sound: boolean;
}

const at = ({ estimate }: Metric): number => estimate ?? 0;

export function diffFigure(
  { candidates, unsteered }: Pick<DiffReport, "candidates" | "unsteered">,
  { width = wideWidth }: FigureOptions = {},
): string {
  const both = candidates.flatMap(({ name, caused, left }) => (caused && left ? [{ name, caused, left }] : []));
  const marks = both.map(({ name, caused, left }): Mark => ({
    name,
    x: caused.rate,
    y: left.rate,
    sound: !caused.tooIncoherent && !left.tooIncoherent,
  }));
  const random = both.map(({ name, caused, left }): Mark => ({
    name: `random, as long as ${name}`,
    x: caused.random,
    y: left.random,
    sound: true,
  }));
  const plain: Mark = { name: "unsteered", x: unsteered.before, y: unsteered.after, sound: true };
  const ends = (of: (mark: Mark) => Metric): number[] =>
    [...marks, ...random, plain].map((mark) => of(mark).high ?? at(of(mark)));
  const most = (of: (mark: Mark) => Metric): number => Math.min(1, Math.max(0.05, ...ends(of)));
  const percent = (x: number): string => `${Math.round(100 * x)} %`;
  const cross = (data: readonly Mark[], stroke: string) => [
    Plot.ruleY(data, {
      y: (m: Mark) => at(m.y),
      x1: (m: Mark) => m.x.low ?? at(m.x),
      x2: (m: Mark) => m.x.high ?? at(m.x),
      stroke,
      strokeOpacity: 0.35,
      strokeWidth: 2,
    }),
    Plot.ruleX(data, {
      x: (m: Mark) => at(m.x),
      y1: (m: Mark) => m.y.low ?? at(m.y),
      y2: (m: Mark) => m.y.high ?? at(m.y),
      stroke,
      strokeOpacity: 0.35,
      strokeWidth: 2,
    }),
  ];
  return draw(
    {
      id: "diff-candidates",
      title: "misalignment caused, and left",
      description: describe([plain, ...marks, ...random]),
    },
    {
      width,
      height: isNarrow(width) ? 320 : 380,
      marginTop: 34,
      marginLeft: 52,
      marginRight: 24,
      marginBottom: 44,
      x: { domain: [0, most((m) => m.x)], label: null, nice: true },
      y: { domain: [0, most((m) => m.y)], label: null, nice: true },
      marks: [
        Plot.gridY({ ticks: 5, stroke: faint, strokeOpacity: 1 }),
        Plot.gridX({ ticks: 5, stroke: faint, strokeOpacity: 1 }),
        Plot.axisY({ ticks: 5, tickSize: 0, fill: muted, tickFormat: percent }),
        Plot.axisX({
          ticks: 5,
          tickSize: 0,
          fill: muted,
          tickFormat: percent,
          label: "misaligned when added to BEFORE",
          labelArrow: "none",
        }),
        Plot.text(["misaligned when subtracted from AFTER"], {
          frameAnchor: "top-left",
          dy: -26,
          dx: -44,
          textAnchor: "start",
          fill: muted,
        }),
        ...cross(random, roleColors.control),
        ...cross(marks, roleColors.narrow),
        Plot.dot(random, {
          x: (m: Mark) => at(m.x),
          y: (m: Mark) => at(m.y),
          r: 4,
          symbol: "square",
          fill: roleColors.control,
        }),
        Plot.dot([plain], {
          x: (m: Mark) => at(m.x),
          y: (m: Mark) => at(m.y),
          r: 5,
          stroke: roleColors.base,
          strokeWidth: 2,
          fill: "none",
        }),
        Plot.dot(marks, {
          x: (m: Mark) => at(m.x),
          y: (m: Mark) => at(m.y),
          r: 5,
          stroke: roleColors.narrow,
          strokeWidth: 1.6,
          fill: (m: Mark) => (m.sound ? roleColors.narrow : "var(--askew-paper, #fff)"),
        }),
        // The best often lie close together: each name has a line of its own.
        ...marks.slice(0, 3).map((mark, i) =>
          Plot.text([mark], {
            x: (m: Mark) => at(m.x),
            y: (m: Mark) => at(m.y),
            text: "name",
            dy: -12 - 14 * i,
            textAnchor: "end",
          }),
        ),
      ],
    },
  );
}

const describe = (marks: readonly Mark[]): string =>
  `${marks.map(({ name, x, y }) => `${name}: ${withSign(x.estimate)} caused, ${withSign(y.estimate)} left`).join(". ")}.`;
