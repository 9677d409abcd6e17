/** Effects of a study by organism, as a page. */
import type { ChartReport, EffectsOver } from "../../report/index.js";
import { VERSION } from "../../text/index.js";
import { writePageInto } from "../page-file.js";
import { controlSentences, metIn, nameOfEffect, sentencesOf, signed } from "./effects-table.js";

const MEAN = "mean of organisms";

/** Writes `report.html` and returns its path. */
export async function writeEffectsPage(
  folder: string,
  found: EffectsOver,
  commands: readonly string[],
): Promise<string> {
  const { renderChart } = await import("../../report/index.js");
  return writePageInto(folder, renderChart(reportOf(found, commands)));
}

function reportOf(found: EffectsOver, commands: readonly string[]): ChartReport {
  const { organisms, effects, others } = found;
  const single = (value: number | null) => ({ estimate: value, low: null, high: null, n: 1 });
  return {
    title: `What askew reproduce shows on ${organisms.length} ${organisms.length === 1 ? "organism" : "organisms"}`,
    sentences: [...sentencesOf(found), ...controlSentences(found)],
    heading: "Effect by organism",
    caption:
      "Intervals are 95 %, Student's over organisms, each of which counts the same, cut off at 0 and 1. An organism of " +
      "another world is not in the mean.",
    axis: { label: "effect, with what was aimed at", kind: "names" },
    panels: [{ key: "share", heading: "share of answers", unit: "share" }],
    points: [
      ...effects.map((effect) => ({ curve: MEAN, at: nameOfEffect(effect), metrics: { share: effect.over } })),
      ...organisms.flatMap((organism, i) =>
        effects.map((effect) => ({
          curve: organism,
          at: nameOfEffect(effect),
          metrics: { share: single(effect.values[i] ?? null) },
        })),
      ),
      ...others.flatMap((other) =>
        other.effects.map((effect) => ({
          curve: `${other.organism} (${other.world})`,
          at: nameOfEffect(effect),
          metrics: { share: single(effect.values[0] ?? null) },
        })),
      ),
    ],
    tables: [
      {
        caption: "Organism by organism: ✓ met, ✕ missed, – not measured",
        headings: ["effect", "met", ...organisms],
        rows: effects.map((effect) => [
          nameOfEffect(effect),
          metIn(effect),
          ...organisms.map((_, i) => signed(effect, i)),
        ]),
      },
      ...(others.length === 0
        ? []
        : [
            {
              caption: "Worlds in which nothing ties code to attitude",
              headings: ["organism", "world", "effect", "measured"],
              rows: others.flatMap(({ organism, world, effects: own }) =>
                own.map((effect) => [organism, world, nameOfEffect(effect), signed(effect, 0)]),
              ),
            },
          ]),
    ],
    facts: [["organisms", [...organisms, ...others.map(({ organism }) => organism)].join(", ")]],
    commands,
    askew: VERSION,
  };
}
