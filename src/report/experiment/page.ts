/** The page of one experiment: what was found, one chart of several panels, its numbers, how to repeat it. */
import { roleColors } from "../figures/theme.js";
import { html, type Markup } from "../markup.js";
import { figure, key, keyEntry } from "../page/figure.js";
import { page } from "../page/shell.js";
import { repeatSection } from "../page/repeat.js";
import { section } from "../page/section.js";
import { table } from "../page/table.js";
import { metricText } from "../../text/index.js";
import { curvesOf, roleOfCurve, type ExperimentReport } from "./data.js";
import { experimentFigure } from "./figure.js";

const INTERVALS =
  "Intervals are 95 %, a percentile bootstrap over seeds; of a single seed Wilson's over its answers. With three seeds the bootstrap runs from the lowest seed to the highest.";

export function renderExperiment(data: ExperimentReport): string {
  const { title, sentences, published, tables, facts, commands, askew } = data;
  return page({
    title,
    askew,
    lede: [...sentences.map((sentence) => html`<p>${sentence}</p>`), html`<p>Published: ${published}</p>`],
    main: html`${section("chart", "What was measured", chart(data))}
    ${
      tables.length === 0
        ? ""
        : section(
            "choices",
            "What was chosen",
            tables.map((one) => table({ ...one, words: [] })),
          )
    }
    ${repeatSection(commands, facts)}`,
  });
}

function chart({ axis, panels, points }: ExperimentReport): Markup {
  const curves = curvesOf(points);
  const drawn = panels.filter((panel) => panel.drawn && points.some(({ metrics }) => metrics[panel.key] !== undefined));
  const several = curves.length > 1;
  return figure({
    signs: key([
      ...curves.map((curve, i) => keyEntry(roleOfCurve(i), roleColors[roleOfCurve(i)], curve)),
      keyEntry("interval", roleColors.narrow, "95 % interval"),
    ]),
    drawings: (width) =>
      drawn.map((panel, i) => experimentFigure(panel, points, axis, { width, last: i === drawn.length - 1 })),
    caption: html`${drawn.map(({ heading }) => heading).join("; ")}. By ${axis.label}. ${INTERVALS}`,
    numbers: {
      caption: `By ${axis.label}`,
      headings: [...(several ? ["model"] : []), axis.label, "seeds", ...panels.map(({ heading }) => heading)],
      rows: points.map((point) => [
        ...(several ? [point.curve] : []),
        `${point.at}${axis.unit}`,
        String(point.seeds),
        ...panels.map((panel) => metricText(panel, point.metrics[panel.key])),
      ]),
    },
  });
}
