/** From an experiment's summary to its page. */
import type { ChartReport } from "../../report/index.js";
import type { ExperimentSummary, Measure } from "../../study/index.js";
import { percent, VERSION } from "../../text/index.js";
import { writePageInto } from "../page-file.js";

export const unitOf = ({ of }: Pick<Measure, "of">): "share" | "number" =>
  typeof of === "object" && "reading" in of ? "number" : "share";

/** Writes `report.html` beside the summary and returns its path. */
export async function writeExperimentPage(
  folder: string,
  summary: ExperimentSummary,
  command: string,
): Promise<string> {
  const { renderChart } = await import("../../report/index.js");
  return writePageInto(folder, renderChart(reportOf(summary, command)));
}

const INTERVALS =
  "Intervals are 95 %, a percentile bootstrap over seeds; of a single seed Wilson's over its answers. With three seeds the bootstrap runs from the lowest seed to the highest.";

function reportOf(summary: ExperimentSummary, command: string): ChartReport {
  const { experiment, about, published, axis, measures, points, trials, findings, seeds, model, base } = summary;
  const share = (x: number | null | undefined): string => percent(x ?? null);
  return {
    title: `${experiment}: ${about}`,
    sentences: [...findings, `Published: ${published}`],
    heading: "What was measured",
    caption: INTERVALS,
    axis,
    panels: measures.map((measure) => ({ ...measure, unit: unitOf(measure) })),
    points,
    tables:
      trials.length === 0
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
