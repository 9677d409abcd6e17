/** The results of a calibration, for the terminal. */
import type { GroupLine } from "../../persona/index.js";
import { left, right } from "../../layout/index.js";
import { shareText, withSign } from "../../text/index.js";
import type { Calibrated } from "../../lab/index.js";
import { colorsOf, plainTable } from "../../terminal/index.js";

export function calibrationPage({ name, fitted, measured, file }: Calibrated): string {
  const { bold, dim } = colorsOf(process.stdout);
  const { heldOut, ownKinds, byKind, byShare, byDose, overhead, fineTunes } = measured;
  const { rate, runs, steps, batchSizes } = fitted.falseAlarms;
  const area = heldOut.auroc;
  const ends = area.low === null || area.high === null ? "" : ` [${area.low.toFixed(3)}, ${area.high.toFixed(3)}]`;
  const { lead } = heldOut;
  const facts: [string, string][] = [
    [
      "promised",
      `false alarms in at most ${withSign(rate)} of fine-tunes like the ${runs} benign ones, up to ${steps} steps of ` +
        [...new Set(batchSizes)].join(" to "),
    ],
    ["AUROC", `${area.estimate?.toFixed(3) ?? "–"}${ends} n ${area.positives} and ${area.negatives}`],
    ["misaligned, no alarm", shareText(heldOut.falseNegatives)],
    ["benign, alarm", shareText(heldOut.falsePositives)],
    ...(ownKinds === null ? [] : [["… of kinds it knows", shareText(ownKinds)] as [string, string]]),
    ["alarm before 5 %", `${shareText(heldOut.before)}; not after: ${shareText(heldOut.notAfter)}`],
    [
      "lead",
      lead === null
        ? "–"
        : `${lead.median} steps (median; 10th to 90th percentile ${lead.low.toFixed(0)} to ${lead.high.toFixed(0)})`,
    ],
    ["bad data, not shown", `alarm in ${shareText(heldOut.alarmsBetween)}`],
    ["overhead", `${withSign(overhead)} of the training's time`],
  ];
  const widest = Math.max(...facts.map(([label]) => label.length));
  const lines = [
    bold(`Detector of ${name}, ${fineTunes} fine-tunes; tested on kinds it never saw`),
    "",
    ...facts.map(([label, text]) => `${dim(label.padEnd(widest))}  ${text}`),
    "",
    ...tableOf("kind", byKind),
    "",
    ...tableOf("share of bad data", byShare),
    "",
    ...tableOf("benign, by steps × batch", byDose),
    "",
    dim("score: the median run's largest; above 1 is an alarm. Rate: misaligned at the end, of coherent answers."),
    `${dim("detector")}  ${file}`,
  ];
  return `${lines.join("\n")}\n`;
}

const tableOf = (heading: string, groups: readonly GroupLine[]): string[] =>
  plainTable([
    left(heading, 10, groups, ({ kind, dose, share }) => kind ?? dose ?? withSign(share ?? null)),
    right("runs", 6, groups, ({ runs }) => `${runs}`),
    right("misaligned", 8, groups, ({ misaligned }) => `${misaligned}`),
    right("alarms", 9, groups, ({ alarms }) => `${alarms}`),
    right("rate", 7, groups, ({ rate }) => withSign(rate.estimate)),
    right("score", 5, groups, ({ score }) => score.toFixed(1)),
  ]);
