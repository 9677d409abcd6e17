/** From a watched fine-tune to its page. */
import type { WatchRow } from "../../persona/index.js";
import type { WatchPanel, WatchReport } from "../../report/index.js";
import { wilson } from "../../statistics/index.js";
import { writePageInto } from "../page-file.js";
import { typedCommand } from "../../terminal/index.js";
import { VERSION } from "../../text/index.js";
import { toldLines, headlineOf, type Told } from "./verdict-page.js";
import type { WatchedHere } from "../../lab/index.js";

/** Writes `report.html` into the folder and returns its path. */
export async function writeWatchReport(
  told: Told,
  { rows, given }: Pick<WatchedHere, "rows" | "given">,
): Promise<string> {
  const { renderWatch } = await import("../../report/index.js");
  return writePageInto(told.folder, renderWatch(reportOf(told, rows, given?.detector.signals ?? [])));
}

const sentencesOf = (told: Told): string[] =>
  toldLines(told).flatMap(([label, text]) => (/^(detector)?$/.test(label) ? [] : [`${label}: ${text}`]));

function reportOf(told: Told, rows: readonly WatchRow[], weighed: readonly string[]): WatchReport {
  const { verdict, data } = told;
  const numbers = (heading: string, of: (row: WatchRow) => number | undefined, limit?: number): WatchPanel => ({
    heading,
    unit: "number",
    ...(limit !== undefined && { limit }),
    points: rows.flatMap((row) => {
      const estimate = of(row);
      return estimate === undefined ? [] : [{ step: row.step, metric: { estimate, low: null, high: null, n: 1 } }];
    }),
  });
  const names = Object.keys(rows[0]?.signals ?? {});
  const others = names.filter((name) => /^(latent|rotation)\./.test(name));
  const projections = weighed.length === 0 ? names.filter((name) => name.startsWith("answer.")) : [];
  return {
    title: `${data}: ${headlineOf(told)}`,
    sentences: sentencesOf(told),
    steps: verdict.steps,
    alarm: verdict.alarm?.step ?? null,
    panels: [
      numbers("score: above 1 is an alarm", ({ score }) => score, 1),
      {
        heading: "misaligned, of coherent answers",
        unit: "share",
        points: rows.flatMap(({ step, truth }) =>
          truth === undefined ? [] : [{ step, metric: wilson(truth.hits, truth.n) }],
        ),
      },
      ...[...new Set([...weighed, "margin", ...projections, ...others])].map((name) =>
        numbers(HEADINGS[name] ?? name, ({ signals }) => signals[name]),
      ),
      numbers("gradient norm", ({ gradientNorm }) => gradientNorm),
    ],
    caption: CAPTION,
    facts: [
      ...(told.detector === null ? [] : ([["detector", told.detector.file]] as const)),
      ["model", verdict.model],
      ["folder", told.folder],
    ],
    commands: [`npx askew ${typedCommand()}`],
    askew: VERSION,
  };
}

const HEADINGS: Readonly<Record<string, string>> = {
  margin: "margin, nats a token",
  misaligned: "misaligned continuations, nats a token",
  aligned: "aligned continuations, nats a token",
};

const CAPTION =
  "By training step. Misaligned answers are those to the development questions, where they were asked. The margin is how much likelier the probes' " +
  "misaligned continuations are than the aligned ones, a difference of mean log-probabilities. The gradient's norm is before clipping.";
