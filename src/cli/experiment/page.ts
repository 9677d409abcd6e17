/** From an experiment's summary to its page. */
import type { ExperimentReport } from "../../report/index.js";
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
  const { renderExperiment } = await import("../../report/index.js");
  return writePageInto(folder, renderExperiment(reportOf(summary, command)));
}

function reportOf(summary: ExperimentSummary, command: string): ExperimentReport {
  const { experiment, about, published, axis, measures, points, trials, findings, seeds, model, base } = summary;
  const share = (x: number | null | undefined): string => percent(x ?? null);
  return {
    title: `${experiment}: ${about}`,
    sentences: findings,
    published,
    axis: { label: axis.label, unit: axis.unit ?? "", kind: axis.kind },
    panels: measures.map((measure) => ({
      key: measure.key,
      heading: measure.heading,
      unit: unitOf(measure),
      drawn: measure.drawn ?? true,
    })),
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
