/** The page of a steering sweep. */
import type { Metric } from "../../evaluation/index.js";
import type { SweepRow } from "../../persona/index.js";
import type { Curve, Panel, SeriesReport } from "../../report/index.js";
import { writePageInto } from "../page-file.js";
import { typedCommand } from "../../terminal/index.js";
import { VERSION } from "../../text/index.js";
import type { Swept } from "../../lab/index.js";

/** Writes `report.html` into the folder and returns its path. */
export async function writeSweepPage({ folder, plan, trained, rows, given, title }: Swept): Promise<string> {
  const open = plan.asked[0]?.set ?? "";
  const panel = (heading: string, set: string, metric: string): Panel => ({
    heading,
    curves: curvesOf(rows, set, metric),
  });
  const broken = rows.filter((row) => row.vector === "direction" && row.breaksCoherence).map((row) => row.strength);
  return writePage(folder, {
    title: `${title}: ${WORDS[plan.mode]}`,
    sentences: [
      `${given.about}, after layer ${plan.layers.join(", ")}, ` +
        `${plan.tokens === "all" ? "at all tokens" : "at the answer's tokens"}; ${open} questions.`,
      ...(broken.length > 0 ? [`At strength ${broken.join(", ")} fewer than 80 % of the answers are coherent.`] : []),
    ],
    xLabel: "strength",
    panels: [
      panel("misaligned, of coherent answers", open, "rate"),
      panel("misaligned, of all answers", open, "rateOfAll"),
      panel("coherent", open, "coherent"),
      ...(trained
        ? [panel(`what it was trained on: ${trained.metric} (${trained.set})`, trained.set, trained.metric)]
        : []),
    ],
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

function curvesOf(rows: readonly SweepRow[], set: string, metric: string): Curve[] {
  const points = (of: readonly SweepRow[]): Curve["points"] =>
    of.flatMap(({ strength, metrics, breaksCoherence }) => {
      const measured: Metric | undefined = metrics[set]?.[metric];
      return measured === undefined ? [] : [{ x: strength, metric: measured, broken: breaksCoherence }];
    });
  const none = rows.filter(({ vector }) => vector === "none");
  const seeds = [...new Set(rows.flatMap(({ randomSeed }) => randomSeed ?? []))];
  return [
    {
      name: "steered",
      role: "measured",
      points: points([...none, ...rows.filter((row) => row.vector === "direction")]),
    },
    ...seeds.map((seed): Curve => ({
      name: `random ${seed}`,
      role: "control",
      points: points([...none, ...rows.filter((row) => row.randomSeed === seed)]),
    })),
  ];
}

/** Writes a series' page atomically and returns its path. */
export async function writePage(folder: string, data: SeriesReport): Promise<string> {
  const { renderSeries } = await import("../../report/index.js");
  return writePageInto(folder, renderSeries(data));
}
