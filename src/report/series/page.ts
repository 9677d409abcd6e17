/** The page of one series: what was found, its curves, its numbers, how to repeat it. One file, nothing fetched. */
import { roleColors } from "../figures/theme.js";
import { html, type Markup } from "../markup.js";
import { count, interval, withSign } from "../../text/index.js";
import { figure, key, keyEntry } from "../page/figure.js";
import { repeatSection } from "../page/repeat.js";
import { section } from "../page/section.js";
import { page } from "../page/shell.js";
import type { Panel, SeriesReport } from "./data.js";
import { curveFigure } from "./figure.js";

export function renderSeries(data: SeriesReport): string {
  const { title, sentences, xLabel, panels, facts, commands, askew } = data;
  return page({
    title,
    askew,
    lede: sentences.map((sentence) => html`<p>${sentence}</p>`),
    main: html`${section(
      "curves",
      "What it did",
      panels.map((panel) => panelFigure(panel, xLabel)),
    )}
    ${repeatSection(commands, facts)}`,
  });
}

function panelFigure(panel: Panel, xLabel: string): Markup {
  const shapes = panel.curves.map(({ name, role }) =>
    role === "control" ? keyEntry("control", roleColors.control, name) : keyEntry("narrow", roleColors.narrow, name),
  );
  const broken = panel.curves.some(({ points }) => points.some((point) => point.broken));
  const hollow = broken ? [keyEntry("base", roleColors.narrow, "hollow: fewer than 80 % coherent")] : [];
  return figure({
    signs: key([...shapes, keyEntry("interval", roleColors.narrow, "95 % interval"), ...hollow]),
    drawings: (width) => [curveFigure(panel, xLabel, { width })],
    caption: html`${panel.heading}. Intervals are Wilson's, over the answers of this one model.`,
    numbers: {
      caption: panel.heading,
      headings: [xLabel, ...panel.curves.map(({ name }) => name)],
      rows: xsOf(panel).map((x) => [
        String(x),
        ...panel.curves.map(({ points }) => {
          const point = points.find((one) => one.x === x);
          if (point === undefined) return "";
          const { metric } = point;
          return `${withSign(metric.estimate)} ${interval(metric)} n ${count(metric.n)}${point.broken ? " (not coherent)" : ""}`;
        }),
      ]),
    },
  });
}

const xsOf = ({ curves }: Panel): number[] =>
  [...new Set(curves.flatMap(({ points }) => points.map(({ x }) => x)))].toSorted((a, b) => a - b);
