/** A page with one chart: what was found, panels over one axis, their numbers, how to repeat it. Nothing is fetched. */
import { muted, roleColors } from "../figures/theme.js";
import { html, type Markup } from "../markup.js";
import { drawnFigure, type DrawnFigure } from "../page/drawn-figure.js";
import { figure, key, keyEntry, type PageFigure } from "../page/figure.js";
import { page } from "../page/shell.js";
import { repeatSection } from "../page/repeat.js";
import { section } from "../page/section.js";
import { table } from "../page/table.js";
import { estimateText, metricText } from "../../text/index.js";
import { curvesOf, signOf, type ChartPanel, type ChartPoint, type ChartReport } from "./data.js";
import { chartFigure } from "./figure.js";

export function renderChart(data: ChartReport): string {
  const { title, sentences, heading, tables = [], facts, commands, askew } = data;
  return page({
    title,
    askew,
    lede: sentences.map((sentence) => html`<p>${sentence}</p>`),
    main: html`${section("chart", heading, chart(data))}
    ${
      tables.length > 0 &&
      section(
        "choices",
        "What was chosen",
        tables.map((one) => table({ ...one, words: [] })),
      )
    }
    ${repeatSection(commands, facts)}`,
  });
}

/** The chart for pages that lay it out themselves. */
export const drawnChart = (data: ChartReport): DrawnFigure => drawnFigure("chart", data.heading, chartOf(data));

const chart = (data: ChartReport): Markup => figure(chartOf(data));

function chartOf(data: ChartReport): PageFigure {
  const { axis, points, mark, caption } = data;
  const curves = curvesOf(data);
  const panels = data.panels.filter(({ key: name }) => points.some(({ metrics }) => metrics[name] !== undefined));
  const drawn = panels.filter((panel) => panel.drawn !== false);
  const several = curves.length > 1;
  const seeds = points.some((point) => point.seeds !== undefined);
  const hasInterval = (panel: ChartPanel): boolean =>
    points.some(({ metrics }) => metrics[panel.key]?.low !== null && metrics[panel.key] !== undefined);
  const hollow = points.some(({ broken }) => broken === true);
  return {
    signs: key([
      // The only curve needs no key, and some have no name.
      ...(several ? curves : []).map((curve) => {
        const { role, sign } = signOf(data, curve);
        return keyEntry(sign, roleColors[role], curve);
      }),
      ...(drawn.some(hasInterval) ? [keyEntry("interval", roleColors.narrow, "95 % interval")] : []),
      ...(mark ? [keyEntry("all", muted, mark.name)] : []),
      ...(hollow ? [keyEntry("base", roleColors.narrow, "hollow: fewer than 80 % coherent")] : []),
    ]),
    drawings: (width) => drawn.map((panel, i) => chartFigure(panel, data, { width, last: i === drawn.length - 1 })),
    caption: html`${capitalised(drawn.map((panel) => panel.heading).join("; "))}. By ${axis.label}. ${caption}`,
    numbers: {
      caption: `By ${axis.label}`,
      headings: [
        ...(several ? ["model"] : []),
        axis.label,
        ...(seeds ? ["seeds"] : []),
        ...panels.map((panel) => panel.heading),
      ],
      rows: points.map((point) => [
        ...(several ? [point.curve] : []),
        `${point.at}${axis.unit ?? ""}${point.broken === true ? " (not coherent)" : ""}`,
        ...(seeds ? [String(point.seeds ?? "")] : []),
        ...panels.map((panel) => cell(panel, point)),
      ]),
    },
  };
}

const capitalised = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** A number without an interval stands for itself. */
function cell(panel: ChartPanel, { metrics }: ChartPoint): string {
  const metric = metrics[panel.key];
  const isAlone = panel.unit === "number" && metric?.low === null;
  return isAlone ? estimateText(panel, metric) : metricText(panel, metric);
}
