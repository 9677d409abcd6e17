/** The page of a steering sweep. */
import type { SweepRow } from "../../persona/index.js";
import type { ChartPoint, ChartReport } from "../../report/index.js";
import { writePageInto } from "../page-file.js";
import { typedCommand } from "../../terminal/index.js";
import { VERSION } from "../../text/index.js";
import type { Swept } from "../../lab/index.js";

/** Writes `report.html` into the folder and returns its path. */
export async function writeSweepPage({ folder, plan, trained, rows, given, title }: Swept): Promise<string> {
  const open = plan.asked[0]?.set ?? "";
  const panels = [
    { heading: "misaligned, of coherent answers", set: open, metric: "rate" },
    { heading: "misaligned, of all answers", set: open, metric: "rateOfAll" },
    { heading: "coherent", set: open, metric: "coherent" },
    ...(trained ? [{ ...trained, heading: `what it was trained on: ${trained.metric} (${trained.set})` }] : []),
  ].map((panel) => ({ ...panel, key: `${panel.metric} ${panel.set}`, unit: "share" as const }));
  const broken = rows.filter((row) => row.vector === "direction" && row.breaksCoherence).map((row) => row.strength);
  return writePage(folder, {
    title: `${title}: ${WORDS[plan.mode]}`,
    sentences: [
      `${given.about}, after layer ${plan.layers.join(", ")}, ` +
        `${plan.tokens === "all" ? "at all tokens" : "at the answer's tokens"}; ${open} questions.`,
      ...(broken.length > 0 ? [`At strength ${broken.join(", ")} fewer than 80 % of the answers are coherent.`] : []),
    ],
    axis: { label: "strength", kind: "number" },
    ...pointsOf(rows, panels),
    panels,
    facts: [
      ["random", `${plan.randomSeeds.length} directions of the same length, seeds ${plan.randomSeeds.join(", ")}`],
      ["steered with", given.origin],
      ["answers", plan.asked.map(({ set, samples }) => `${samples} to each question of ${set}`).join("; ")],
      ["seed", `${plan.seed}, temperature ${plan.temperature}`],
    ],
    commands: [`npx askew ${typedCommand()}`],
    askew: VERSION,
  });
}

const WORDS = {
  add: "steered by adding",
  subtract: "steered by subtracting",
  "project-out": "steered by projecting out",
  clamp: "steered by clamping",
  cap: "steered by capping",
};

/** Every curve begins at the unsteered model. */
function pointsOf(
  rows: readonly SweepRow[],
  panels: readonly { readonly key: string; readonly set: string; readonly metric: string }[],
): Pick<ChartReport, "points" | "controls"> {
  const controls = [...new Set(rows.flatMap(({ randomSeed }) => randomSeed ?? []))].map((seed) => `random ${seed}`);
  const curveOf = ({ randomSeed }: SweepRow): string => (randomSeed === undefined ? "steered" : `random ${randomSeed}`);
  const points = ["steered", ...controls].flatMap((curve) =>
    rows
      .filter((row) => row.vector === "none" || curveOf(row) === curve)
      .map(({ strength, metrics, breaksCoherence }): ChartPoint => ({
        curve,
        at: strength,
        metrics: chosenMetrics(metrics, panels),
        broken: breaksCoherence,
      })),
  );
  return { points, controls };
}

/** By the panels' keys; what was not measured is left out. */
export const chosenMetrics = (
  metrics: SweepRow["metrics"],
  panels: readonly { readonly key: string; readonly set: string; readonly metric: string }[],
): ChartPoint["metrics"] =>
  Object.fromEntries(
    panels.flatMap(({ key, set, metric }) => {
      const found = metrics[set]?.[metric];
      return found === undefined ? [] : [[key, found] as const];
    }),
  );

/** Writes the page of shares over a strength or over steps, and returns its path. */
export async function writePage(folder: string, data: Omit<ChartReport, "heading" | "caption">): Promise<string> {
  const { renderChart } = await import("../../report/index.js");
  const caption = "Intervals are Wilson's, over the answers of this one model.";
  return writePageInto(folder, renderChart({ ...data, heading: "What it did", caption }));
}
