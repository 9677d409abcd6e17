/** The loss of every fine-tune, one panel for each condition and one line for each seed. */
import * as Plot from "@observablehq/plot";
import type { TrainingRun } from "../data.js";
import { count } from "../../text/index.js";
import { roleOf } from "../variants.js";
import { draw, type FigureOptions } from "./draw.js";
import { faint, isNarrow, muted, roleColors, wideWidth } from "./theme.js";

interface Point {
  readonly condition: string;
  readonly seed: number;
  readonly step: number;
  readonly loss: number;
}

/** No line has more points than this: longer runs show means over equal stretches of steps. */
export const mostPoints = 150;

export function trainingFigure(training: readonly TrainingRun[], { width = wideWidth }: FigureOptions = {}): string {
  const runs = training.filter((run) => run.steps.length > 0);
  const points = runs.flatMap(thinned);
  const panels = [...new Set(runs.map((run) => run.condition))];
  const columns = isNarrow(width) ? 2 : 5;
  const rows = Math.max(1, Math.ceil(panels.length / columns));
  const channels = {
    fx: (p: { condition: string }) => panels.indexOf(p.condition) % columns,
    fy: (p: { condition: string }) => Math.floor(panels.indexOf(p.condition) / columns),
  };
  const axis = { tickSize: 0, fill: muted, facetAnchor: "bottom-empty" } as const;
  const heads = panels.map((condition) => ({ condition }));
  const last = Math.max(1, ...points.map((p) => p.step));
  return draw(
    { id: "training", title: "Training loss by step, by condition", description: describe(runs) },
    {
      width,
      height: rows * 124 + 36,
      marginTop: 24,
      marginBottom: 26,
      marginLeft: 38,
      marginRight: 14,
      fx: { axis: null, padding: 0.14, domain: Array.from({ length: Math.min(columns, panels.length) }, (_, i) => i) },
      fy: { axis: null, padding: 0.3 },
      x: { domain: [0, last], label: null },
      y: { domain: [0, Math.max(0.1, ...points.map((p) => p.loss))], label: null },
      marks: [
        Plot.gridY({ ticks: 3, stroke: faint, strokeOpacity: 1 }),
        Plot.axisY({ ticks: 3, tickSize: 0, fill: muted }),
        Plot.axisX({ ticks: [0], textAnchor: "start", ...axis }),
        Plot.axisX({ ticks: [last], textAnchor: "end", tickFormat: (step: number) => `${count(step)} steps`, ...axis }),
        Plot.text(heads, {
          ...channels,
          text: "condition",
          frameAnchor: "top-left",
          dy: -18,
          textAnchor: "start",
          fontWeight: 600,
        }),
        Plot.line(points, {
          ...channels,
          x: "step",
          y: "loss",
          z: "seed",
          stroke: (p: Point) => roleColors[roleOf(p.condition)],
          strokeWidth: 1.1,
          strokeOpacity: 0.85,
        }),
      ],
    },
  );
}

function thinned(run: TrainingRun): Point[] {
  const stretch = Math.ceil(run.steps.length / mostPoints);
  return Array.from({ length: Math.ceil(run.steps.length / stretch) }, (_, i) => {
    const part = run.steps.slice(i * stretch, (i + 1) * stretch);
    const mean = (pick: (step: (typeof part)[number]) => number) =>
      part.reduce((sum, s) => sum + pick(s), 0) / part.length;
    return { condition: run.condition, seed: run.seed, step: mean((s) => s.step), loss: mean((s) => s.loss) };
  });
}

function describe(runs: readonly TrainingRun[]): string {
  const each = runs.map(
    (run) =>
      `${run.condition}, seed ${run.seed}: from ${run.steps[0]?.loss.toFixed(2)} to ${run.steps.at(-1)?.loss.toFixed(2)}`,
  );
  return `Loss of each fine-tune over its steps. ${each.join("; ")}.`;
}
