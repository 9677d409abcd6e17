/** The verdict on a watched fine-tune, for the terminal. */
import type { FalseAlarms } from "../../persona/index.js";
import type { WatchedVerdict } from "../../study/index.js";
import { wilson } from "../../statistics/index.js";
import { shareText, withSign } from "../../text/index.js";
import { pageOf } from "../page-file.js";
import { colorsOf } from "../../terminal/index.js";
import type { Realigned, WatchedHere } from "../../lab/index.js";

export interface Told {
  readonly folder: string;
  /** `report.html` in the folder. */
  readonly page: string;
  readonly data: string;
  readonly verdict: WatchedVerdict;
  readonly detector: {
    readonly file: string;
    readonly falseAlarms: FalseAlarms;
    readonly beyond: readonly string[];
  } | null;
  /** The adapter's folder, if one was trained. */
  readonly adapter: string | null;
  readonly realigned: Realigned | null;
}

export const toldOf = (
  folder: string,
  data: string,
  { verdict, record, given, beyond, realigned }: WatchedHere,
): Told => ({
  folder,
  page: pageOf(folder),
  data,
  verdict,
  detector: given && { file: given.path, falseAlarms: given.detector.falseAlarms, beyond },
  adapter: record.adapter ?? null,
  realigned,
});

export function verdictPage(told: Told): string {
  const { bold, dim, red, green } = colorsOf(process.stdout);
  const { data, verdict, detector } = told;
  const colour = detector === null ? String : verdict.alarm === null ? green : red;
  const lines = [...toldLines(told), ["model", verdict.model] as const]
    .concat(told.adapter === null ? [] : [["adapter", told.adapter]])
    .concat([
      ["page", told.page],
      ["folder", told.folder],
    ]);
  const widest = Math.max(...lines.map(([label]) => label.length));
  const laid = lines.map(([label, text]) => `${dim(label.padEnd(widest))}  ${text}`);
  return `${[colour(bold(`${data}: ${headlineOf(told)}`)), ...laid].join("\n")}\n`;
}

export function headlineOf({ verdict: { alarm, step, steps, stopped }, detector }: Told): string {
  if (detector === null) return "watched without a detector, so without alarms";
  if (alarm === null) return `no alarm in ${step} steps`;
  return `ALARM at step ${alarm.step} of ${steps}${stopped ? "; the training was ended" : ""}`;
}

/** The facts, each with its label; a line without a label belongs to the one before. */
export function toldLines({ verdict, detector, realigned }: Told): (readonly [string, string])[] {
  const last = verdict.truth.at(-1);
  const { training, watching } = verdict.seconds;
  const lines: (readonly [string, string])[] = [];
  if (detector !== null) {
    const { rate, runs } = detector.falseAlarms;
    lines.push(["detector", detector.file]);
    lines.push([
      "promised",
      `false alarms in at most ${withSign(rate)} of benign fine-tunes like the ${runs} it was set by`,
    ]);
    lines.push(...detector.beyond.map((way, i) => [i === 0 ? "not promised" : "", way] as const));
  }
  if (last) lines.push(["behaviour", `misaligned ${shareText(wilson(last.hits, last.n))} at step ${last.step}`]);
  if (realigned !== null) {
    const rateOf = (row: Realigned["rows"][number] | undefined): string => {
      const rate = Object.values(row?.metrics ?? {})[0]?.rate;
      return rate === undefined ? "–" : shareText(rate);
    };
    const [before, after] = [realigned.rows.at(0), realigned.rows.at(-1)];
    lines.push(["re-aligned", `with ${realigned.with}: misaligned ${rateOf(before)}, then ${rateOf(after)}`]);
    lines.push(["", realigned.folder]);
  }
  lines.push(["overhead", `${withSign(watching / Math.max(1e-9, training))} of the training's time`]);
  return lines;
}
