/** From a watched fine-tune to its page. */
import type { WatchRow } from "../../persona/index.js";
import type { ChartPoint, ChartReport } from "../../report/index.js";
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
  const { renderChart } = await import("../../report/index.js");
  return writePageInto(told.folder, renderChart(reportOf(told, rows, given?.detector.signals ?? [])));
}

const sentencesOf = (told: Told): string[] =>
  toldLines(told).flatMap(([label, text]) => (/^(detector)?$/.test(label) ? [] : [`${label}: ${text}`]));

function reportOf(told: Told, rows: readonly WatchRow[], weighed: readonly string[]): ChartReport {
  const { verdict, data } = told;
  const { alarm } = verdict;
  const names = Object.keys(rows[0]?.signals ?? {});
  const others = names.filter((name) => /^(latent|rotation)\./.test(name));
  const projections = weighed.length === 0 ? names.filter((name) => name.startsWith("answer.")) : [];
  const signals = [...new Set([...weighed, "margin", ...projections, ...others])];
  const number = (key: string, estimate: number | undefined): ChartPoint["metrics"] =>
    estimate === undefined ? {} : { [key]: { estimate, low: null, high: null, n: 1 } };
  return {
    title: `${data}: ${headlineOf(told)}`,
    sentences: sentencesOf(told),
    heading: "What was seen",
    caption: CAPTION,
    axis: { label: "training steps", kind: "number" },
    ...(alarm && { mark: { at: alarm.step, name: `the alarm, at step ${alarm.step}` } }),
    panels: [
      { key: "score", heading: "score: above 1 is an alarm", unit: "number", limit: 1 },
      { key: "truth", heading: "misaligned, of coherent answers", unit: "share" },
      ...signals.map((key) => ({ key: `signal ${key}`, heading: signalHeading(key), unit: "number" as const })),
      { key: "gradient", heading: "gradient norm", unit: "number" },
    ],
    points: rows.map((row) => ({
      curve: "measured",
      at: row.step,
      metrics: {
        ...number("score", row.score),
        ...(row.truth && { truth: wilson(row.truth.hits, row.truth.n) }),
        ...Object.assign({}, ...signals.map((name) => number(`signal ${name}`, row.signals[name]))),
        ...number("gradient", row.gradientNorm),
      },
    })),
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
  "rotation.first": "adapter's cosine with its first direction",
  "rotation.previous": "adapter's cosine with the look before",
};

/** A signal's name as a reader understands it. */
export function signalHeading(name: string): string {
  const [, kind, number] = /^(prompt|answer|latent)\.(\d+)$/.exec(name) ?? [];
  if (kind === "latent") return `latent ${number}, mean activation`;
  if (kind === "prompt") return `along the direction before the answer, layer ${number}`;
  if (kind === "answer") return `along the direction in the answer, layer ${number}`;
  return HEADINGS[name] ?? name;
}

const CAPTION =
  "Misaligned answers are those to the development questions, where they were asked. The margin is how much likelier the probes' " +
  "misaligned continuations are than the aligned ones, a difference of mean log-probabilities. The gradient's norm is before clipping.";
