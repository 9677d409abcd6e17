/** The results of an experiment, as a table that fits the terminal. */
import type { ExperimentSummary } from "../../study/index.js";
import { colorsOf, widthOf } from "../../terminal/index.js";
import { layColumns, left, right, wrap, type Column } from "../../layout/index.js";
import { estimateText, intervalText } from "../../text/index.js";
import { unitOf } from "./unit.js";

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
  const place = axis.kind === "names" ? left : right;
  const heading = axis.kind === "names" ? "" : axis.label.split(" ").slice(0, 2).join(" ");
  const model = ({ curve, candidate }: ExperimentSummary["points"][number]): string =>
    [curve, candidate].filter(Boolean).join(", ");
  return [
    ...(several ? [left("model", 99, points, model)] : []),
    place(heading, 100, points, ({ at }) => `${at}${axis.unit ?? ""}`),
    ...measures.flatMap((measure, i): Column[] => {
      const unit = unitOf(measure);
      const found = points.map(({ metrics }) => metrics[measure.key]);
      const plain = (value: string): string => value.replace("\u00a0", " ");
      const estimate = right(measure.short, 90 - i, found, (one) =>
        one === undefined ? "–" : plain(estimateText({ unit }, one)),
      );
      if (i >= WITH_INTERVALS) return [estimate];
      const ends = left(
        "[low, high]",
        i === 0 ? 95 : 60,
        found,
        (one) => (one === undefined ? "" : plain(intervalText({ unit }, one))),
        colorsOf(process.stdout).dim,
      );
      return i === 0 ? [estimate, ends, right("n", 70, found, (one) => String(one?.n ?? 0))] : [estimate, ends];
    }),
    ...(points.some((point) => point.seeds !== seeds.length)
      ? [right("seeds", 50, points, (point) => String(point.seeds))]
      : []),
  ];
}
