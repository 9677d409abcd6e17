/** The page of one watched fine-tune: whether there was an alarm, its signals over the steps, how to repeat it. */
import { estimateText, metricText } from "../../text/index.js";
import { muted, roleColors } from "../figures/theme.js";
import { html, type Markup } from "../markup.js";
import { figure, key, keyEntry } from "../page/figure.js";
import { repeatSection } from "../page/repeat.js";
import { section } from "../page/section.js";
import { page } from "../page/shell.js";
import type { WatchPanel, WatchReport } from "./data.js";
import { watchFigure } from "./figure.js";

export function renderWatch(data: WatchReport): string {
  const { title, sentences, facts, commands, askew } = data;
  return page({
    title,
    askew,
    lede: sentences.map((sentence) => html`<p>${sentence}</p>`),
    main: html`${section("chart", "What was seen", chart(data))} ${repeatSection(commands, facts)}`,
  });
}

function chart(data: WatchReport): Markup {
  const panels = data.panels.filter(({ points }) => points.length > 0);
  const steps = [...new Set(panels.flatMap(({ points }) => points.map(({ step }) => step)))].toSorted((a, b) => a - b);
  return figure({
    signs: key([
      keyEntry("narrow", roleColors.narrow, "measured"),
      ...(panels.some(({ unit }) => unit === "share")
        ? [keyEntry("interval", roleColors.narrow, "95 % interval, Wilson's over the answers")]
        : []),
      ...(data.alarm === null ? [] : [keyEntry("all", muted, `the alarm, at step ${data.alarm}`)]),
    ]),
    drawings: (width) => panels.map((panel, i) => watchFigure(panel, data, { width, last: i === panels.length - 1 })),
    caption: data.caption,
    numbers: {
      caption: "By training step",
      headings: ["step", ...panels.map(({ heading }) => heading)],
      rows: steps.map((step) => [String(step), ...panels.map((panel) => cell(panel, step))]),
    },
  });
}

function cell({ unit, points }: WatchPanel, step: number): string {
  const metric = points.find((point) => point.step === step)?.metric;
  if (metric === undefined) return "";
  return unit === "share" ? metricText({ unit }, metric) : estimateText({ unit }, metric);
}
