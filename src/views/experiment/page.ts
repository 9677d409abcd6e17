/** From an experiment's summary to its page. */
import type { ChartReport } from "../../report/index.js";
import type { ExperimentSummary, OverOrganisms } from "../../study/index.js";
import { percent, VERSION } from "../../text/index.js";
import { writePageInto } from "../page-file.js";
import { organismRows } from "./organisms-table.js";
import { unitOf } from "./unit.js";

/** Writes `report.html` beside the summary and returns its path. */
export async function writeExperimentPage(
  folder: string,
  summary: ExperimentSummary | OverOrganisms,
  command: string,
): Promise<string> {
  const { renderChart } = await import("../../report/index.js");
  return writePageInto(folder, renderChart(reportOf(summary, command)));
}

const INTERVALS =
  "Intervals are 95 %, a percentile bootstrap over seeds; of a single seed Wilson's over its answers. With three seeds the bootstrap runs from the lowest seed to the highest.";

const OVER_ORGANISMS =
  "Intervals are 95 %, Student's over organisms, each of which counts the same; shares are cut off at 0 and 1.";

function reportOf(summary: ExperimentSummary | OverOrganisms, command: string): ChartReport {
  const { experiment, about, published, axis, measures, points, trials, findings, seeds, model, base } = summary;
  const over = "organisms" in summary ? summary : undefined;
  const share = (x: number | null | undefined): string => percent(x ?? null);
  return {
    title: `${experiment}: ${about}`,
    sentences: [...findings, `Published: ${published}`],
    heading: "What was measured",
    caption: over === undefined ? INTERVALS : OVER_ORGANISMS,
    axis,
    panels: measures.map((measure) => ({ ...measure, unit: unitOf(measure) })),
    points,
    tables: [
      ...(over === undefined
        ? []
        : [
            {
              caption: `Organism by organism: ${measures[0]?.heading}`,
              headings: ["point", ...over.organisms],
              rows: organismRows(over),
            },
          ]),
      ...(trials.length === 0
        ? []
        : [
            {
              caption: `Tried on the development questions, in percent; ${trials[0]?.about}`,
              headings: [
                "model",
                "candidate",
                "misaligned, of all",
                "coherent",
                "does what it was trained on",
                "taken",
              ],
              rows: trials.map(({ arm, candidate, metrics, taken }) => [
                arm,
                candidate,
                share(metrics["rateOfAll"]?.estimate),
                share(metrics["coherent"]?.estimate),
                share(metrics["trained"]?.estimate),
                taken ? "yes" : "",
              ]),
            },
          ]),
    ],
    facts: [
      ["model", model],
      ["weights", base],
      ["seeds", seeds.join(", ")],
    ],
    commands: [command],
    askew: VERSION,
  };
}
