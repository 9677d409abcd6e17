/** What an experiment measured, as a table that fits the terminal. */
import type { ExperimentSummary } from "../../study/index.js";
import { colorsOf, widthOf } from "../../terminal/index.js";
import { layColumns, wrap, type Column } from "../../layout/index.js";
import { estimateText, intervalText } from "../../text/index.js";
import { unitOf } from "./page.js";

/** Measures whose intervals stand beside them where there is room: the first two. */
const WITH_INTERVALS = 2;

export function printExperiment(
  summary: ExperimentSummary,
  { summaryFile, page }: { readonly summaryFile: string; readonly page: string },
): void {
  const { about, findings, published, experiment } = summary;
  const { bold, dim } = colorsOf(process.stdout);
  const width = widthOf(process.stdout);
  const text = Math.min(width, 100);
  const { heading, rows, leftOut } = layColumns(columnsOf(summary), width);
  const lines = [
    "",
    bold(`${experiment}: ${about}`),
    "",
    ...heading.map((line) => dim(line)),
    ...rows.map((row) => row.trimEnd()),
    "",
    ...(leftOut.length > 0
      ? [dim(`Not shown for want of room: ${leftOut.map((one) => one.heading).join(", ")}.`)]
      : []),
    ...findings.flatMap((finding) => wrap(finding, text)),
    ...wrap(`Published: ${published}`, text).map((line) => dim(line)),
    "",
    `${dim("summary")}  ${summaryFile}`,
    `${dim("report")}   ${page}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function columnsOf({ points, axis, measures, seeds }: ExperimentSummary): Column[] {
  const curves = new Set(points.map(({ curve }) => curve));
  const several = curves.size > 1 || points.some(({ candidate }) => candidate !== undefined);
  return [
    ...(several
      ? [
          {
            heading: "model",
            cells: points.map(({ curve, candidate }) => [curve, candidate].filter(Boolean).join(", ")),
            align: "left" as const,
            keep: 99,
          },
        ]
      : []),
    {
      heading: axis.kind === "names" ? "" : axis.label.split(" ").slice(0, 2).join(" "),
      cells: points.map(({ at }) => `${at}${axis.unit ?? ""}`),
      align: axis.kind === "names" ? "left" : "right",
      keep: 100,
    },
    ...measures.flatMap((measure, i): Column[] => {
      const unit = unitOf(measure);
      const found = points.map(({ metrics }) => metrics[measure.key]);
      const plain = (value: string): string => value.replace("\u00a0", " ");
      const estimate: Column = {
        heading: measure.short,
        cells: found.map((metric) => (metric === undefined ? "–" : plain(estimateText({ unit }, metric)))),
        align: "right",
        keep: 90 - i,
      };
      if (i >= WITH_INTERVALS) return [estimate];
      const ends: Column = {
        heading: "[low, high]",
        cells: found.map((metric) => (metric === undefined ? "" : plain(intervalText({ unit }, metric)))),
        align: "left",
        keep: i === 0 ? 95 : 60,
        paint: colorsOf(process.stdout).dim,
      };
      const n: Column = {
        heading: "n",
        cells: found.map((metric) => String(metric?.n ?? 0)),
        align: "right",
        keep: 70,
      };
      return i === 0 ? [estimate, ends, n] : [estimate, ends];
    }),
    ...(points.some((point) => point.seeds !== seeds.length)
      ? [{ heading: "seeds", cells: points.map((point) => String(point.seeds)), align: "right" as const, keep: 50 }]
      : []),
  ];
}
