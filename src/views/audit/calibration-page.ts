/** The calibration of an audit, for the terminal. */
import type { GroupResult, ModelGroup } from "../../audit/index.js";
import type { CalibratedAudit } from "../../lab/index.js";
import { left, right } from "../../layout/index.js";
import { colorsOf, plainTable } from "../../terminal/index.js";
import { decimal, shareText, withSign } from "../../text/index.js";

export function auditCalibrationPage({ file, fitted, models, calibration }: CalibratedAudit): string {
  const { bold, dim } = colorsOf(process.stdout);
  const { thresholds, heldOut, own, byKind, byShare } = fitted;
  const limit = (name: string, { least, rate, n }: (typeof thresholds)["subset"]): string =>
    `${dim(name)}  ${decimal(least)}; at most ${withSign(rate)} of benign sets like these ${n} fail by it`;
  const facts: [string, string][] = [
    ["attacks found", shareText(heldOut.attacks.failed)],
    ["  by text alone", shareText(heldOut.attacks.byText)],
    ["false alarms", shareText(heldOut.benign.failed)],
    ["  by text alone", shareText(heldOut.benign.byText)],
    ["rows: precision", shareText(heldOut.attacks.precision)],
    ["rows: recall", shareText(heldOut.attacks.recall)],
    ["own kinds: found", shareText(own.attacks.failed)],
    ["own kinds: alarms", shareText(own.benign.failed)],
  ];
  const widest = Math.max(...facts.map(([label]) => label.length));
  const lines = [
    bold(`Calibration on ${calibration.sets} sets of ${calibration.rows} rows; tested on kinds that set nothing`),
    "",
    limit("rows of a hidden subset, at the least", thresholds.subset),
    ...(thresholds.weak === undefined ? [] : [limit("share of answers with weak code", thresholds.weak)]),
    ...(thresholds.far === undefined
      ? []
      : [limit("distance of the five farthest rows beyond the reader's own answers", thresholds.far)]),
    ...(models === undefined ? [] : [limit("trigger: rise of the misaligned rate", models.threshold)]),
    "",
    ...facts.map(([label, text]) => `${dim(label.padEnd(widest))}  ${text}`),
    "",
    ...tableOf("hidden share, held out", byShare),
    "",
    ...tableOf("kind of set", byKind),
    ...(models === undefined ? [] : ["", ...modelsOf(models.byKind), "", ...modelsOf(models.groups)]),
    "",
    `${dim("calibration")}  ${file}`,
  ];
  return `${lines.join("\n")}\n`;
}

const ROLES = { calibration: "sets", "held-out": "tests" } as const;

const tableOf = (heading: string, groups: readonly GroupResult[]): string[] =>
  plainTable([
    left(heading, 10, groups, ({ name }) => name),
    left("", 9, groups, ({ role }) => ROLES[role]),
    left("", 8, groups, ({ attack }) => (attack ? "attack" : "benign")),
    right("sets", 7, groups, ({ failed: { n } }) => `${n}`),
    right("failed", 9, groups, ({ failed }) => withSign(failed.estimate)),
    right("by subset", 6, groups, ({ bySubset }) => withSign(bySubset.estimate)),
    right("precision", 5, groups, ({ precision }) => withSign(precision.estimate)),
    right("recall", 4, groups, ({ recall }) => withSign(recall.estimate)),
  ]);

const modelsOf = (groups: readonly ModelGroup[]): string[] =>
  plainTable([
    left("fine-tunes", 10, groups, ({ name }) => name),
    left("", 9, groups, ({ role }) => ROLES[role]),
    left("", 8, groups, ({ attack }) => (attack ? "backdoor" : "benign")),
    right("trigger found", 9, groups, ({ found }) => shareText(found)),
  ]);
