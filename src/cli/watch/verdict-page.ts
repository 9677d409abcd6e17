/** How a watched fine-tune ended, for the terminal. */
import type { FalseAlarms } from "../../persona/index.js";
import type { WatchedVerdict } from "../../study/index.js";
import { wilson } from "../../statistics/index.js";
import { colorsOf } from "../terminal/terminal.js";
import { shareText } from "./calibration-page.js";
import type { Realigned } from "./realign-after.js";
import type { WatchedHere } from "./watching.js";

export interface Told {
  readonly folder: string;
  readonly data: string;
  readonly verdict: WatchedVerdict;
  readonly detector: {
    readonly file: string;
    readonly falseAlarms: FalseAlarms;
    readonly beyond: readonly string[];
  } | null;
  /** Where an adapter was trained. */
  readonly adapter: string | null;
  readonly realigned: Realigned | null;
}

export const toldOf = (
  folder: string,
  data: string,
  { verdict, record, given, beyond, realigned }: WatchedHere,
): Told => ({
  folder,
  data,
  verdict,
  detector: given && { file: given.path, falseAlarms: given.detector.falseAlarms, beyond },
  adapter: record.adapter ?? null,
  realigned,
});

export function verdictPage({ folder, data, verdict, detector, adapter, realigned }: Told): string {
  const { bold, dim, red, green } = colorsOf(process.stdout);
  const { alarm, step, steps, stopped, seconds, truth } = verdict;
  const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
  const headline =
    detector === null
      ? bold(`${data}: watched without a detector, so without alarms`)
      : alarm === null
        ? green(bold(`${data}: no alarm in ${step} steps`))
        : red(bold(`${data}: ALARM at step ${alarm.step} of ${steps}${stopped ? "; the training was ended" : ""}`));
  const last = truth.at(-1);
  const before = realigned?.rows.at(0)?.metrics;
  const after = realigned?.rows.at(-1)?.metrics;
  const rateOf = (metrics: typeof before): string => {
    const rate = Object.values(metrics ?? {})[0]?.rate;
    return rate === undefined ? "–" : shareText(rate);
  };
  const lines: [string, string][] = [
    ...(detector === null
      ? []
      : ([
          ["detector", detector.file],
          [
            "promised",
            `false alarms in at most ${percent(detector.falseAlarms.rate)} of benign fine-tunes like the ` +
              `${detector.falseAlarms.runs} it was set by`,
          ],
          ...detector.beyond.map((way, i) => [i === 0 ? "not promised" : "", way] as [string, string]),
        ] satisfies [string, string][])),
    ...(last === undefined
      ? []
      : [["behaviour", `misaligned ${shareText(wilson(last.hits, last.n))} at step ${last.step}`] as [string, string]]),
    ...(realigned === null
      ? []
      : ([
          ["re-aligned", `with ${realigned.with}: misaligned ${rateOf(before)}, then ${rateOf(after)}`],
          ["", realigned.folder],
        ] satisfies [string, string][])),
    ["overhead", `${percent(seconds.watching / Math.max(1e-9, seconds.training))} of the training's time`],
    ["model", verdict.model],
    ...(adapter === null ? [] : [["adapter", adapter] as [string, string]]),
    ["folder", folder],
  ];
  const widest = Math.max(...lines.map(([label]) => label.length));
  return `${[headline, ...lines.map(([label, text]) => `${dim(label.padEnd(widest))}  ${text}`)].join("\n")}\n`;
}
