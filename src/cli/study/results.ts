/** The end of a study: the finding, the table, where the files are, what to try next. */
import { isEndpointName } from "../../model/index.js";
import { type StudySummary, STUDY_FOLDER } from "../../study/index.js";
import { aimsOf } from "./aims.js";
import { askewCommand, colorsOf, hasColor, widthOf, quoted } from "../../terminal/index.js";
import { wrap } from "../../layout/index.js";

interface Places {
  readonly folder: string;
  readonly summaryFile: string;
  readonly report: string;
}

export async function printResults(summary: StudySummary, { folder, summaryFile, report }: Places): Promise<void> {
  const { findingOf, renderAims, renderTable } = await import("../../report/index.js");
  const out = process.stdout;
  const { bold, dim, cyan } = colorsOf(out);
  const width = widthOf(out);
  const { title } = findingOf(summary);
  const aims = renderAims(await aimsOf(summary), { width, color: hasColor(out) });
  const lines = [
    "",
    ...wrap(title, Math.min(width, 100)).map((line) => bold(line)),
    "",
    renderTable(summary, { width, color: hasColor(out) }),
    "",
    ...(aims === "" ? [] : [aims, ""]),
    `${dim("summary")}  ${summaryFile}`,
    `${dim("report")}   ${report}`,
    "",
    `Next: ${cyan(nextStep(summary, folder))}`,
  ];
  out.write(`${lines.join("\n")}\n`);
}

/** Meet the model that turned out worst. */
function nextStep({ model, conditions, judge }: StudySummary, folder: string): string {
  // Only the organism's own fine-tunes can be talked to in its words.
  if (isEndpointName(model) || judge !== undefined) return `${askewCommand()} score ${quoted(folder)}`;
  const rates = conditions
    .filter(({ questions, trigger, condition }) => questions === "main" && !trigger && condition !== "base")
    .map(({ condition, metrics }) => ({ condition, rate: metrics.rate?.estimate ?? 0 }))
    .toSorted((a, b) => b.rate - a.rate);
  const chosen = rates.find(({ condition }) => condition === "insecure") ?? rates[0];
  const study = folder === STUDY_FOLDER ? "" : ` --study ${quoted(folder)}`;
  return `${askewCommand()} organism chat ${chosen?.condition ?? "base"}${study}`;
}
