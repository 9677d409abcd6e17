/** How a watched fine-tune ended, for the terminal. */
import type { WatchedVerdict } from "../../study/index.js";
import { wilson } from "../../statistics/index.js";
import { colorsOf } from "../terminal.js";
import { shareText } from "./calibration-page.js";
import type { FoundDetector } from "./detector-option.js";
import type { Realigned } from "./realign-after.js";

export interface Told {
  readonly folder: string;
  readonly data: string;
  readonly verdict: WatchedVerdict;
  readonly given: FoundDetector | null;
  readonly realigned: Realigned | null;
}

export function verdictPage({ folder, data, verdict, given, realigned }: Told): string {
  const { bold, dim, red, green } = colorsOf(process.stdout);
  const { alarm, step, steps, stopped, seconds, truth } = verdict;
  const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
  const headline =
    given === null
      ? bold(`${data}: watched without a detector, so without alarms`)
      : alarm === null
        ? green(bold(`${data}: no alarm in ${step} steps`))
        : red(bold(`${data}: ALARM at step ${alarm.step} of ${steps}${stopped ? "; the training was ended" : ""}`));
  const promise = given?.detector.falseAlarms;
  const last = truth.at(-1);
  const before = realigned?.rows.at(0)?.metrics;
  const after = realigned?.rows.at(-1)?.metrics;
  const rateOf = (metrics: typeof before): string => {
    const rate = Object.values(metrics ?? {})[0]?.rate;
    return rate === undefined ? "–" : shareText(rate);
  };
  const lines: [string, string][] = [
    ...(promise === undefined || given === null
      ? []
      : ([
          ["detector", given.path],
          [
            "promised",
            `false alarms in at most ${percent(promise.rate)} of benign fine-tunes like the ${promise.runs} it was set by` +
              (steps > promise.steps
                ? `; they had ${promise.steps} steps, this one ${steps}: more are to be expected`
                : ""),
          ],
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
    ["folder", folder],
  ];
  const widest = Math.max(...lines.map(([label]) => label.length));
  return `${[headline, ...lines.map(([label, text]) => `${dim(label.padEnd(widest))}  ${text}`)].join("\n")}\n`;
}
