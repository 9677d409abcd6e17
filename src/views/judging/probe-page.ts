/** A probe's worth, and a rate that it helped to narrow, for the terminal. */
import type { CombinedRates } from "../../evaluation/index.js";
import type { JudgeProbe } from "../../persona/index.js";
import { left, right, wrap } from "../../layout/index.js";
import { count, counted, interval, noNumber, percent, printable } from "../../text/index.js";
import { colorsOf, ruledTable, widthOf } from "../../terminal/index.js";
import { number, range } from "./judge-tables.js";

export function probePage({ recipe }: JudgeProbe, leftOut: number): string {
  const { bold, dim } = colorsOf(process.stdout);
  const width = widthOf(process.stdout);
  const { heldOut, answers, layer, reader } = recipe;
  const { auroc, brier, unskilled, by } = heldOut;
  const told = `AUROC ${number(auroc.estimate) ?? noNumber} ${range(auroc)} of misaligned answers, on ${by === "model" ? "models" : "questions"} that the probe was not fitted on`;
  const about = `${counted(answers, "answer")}${leftOut === 0 ? "" : `, ${count(leftOut)} more without two scores`}; read by ${printable(reader.name)} after layer ${layer}`;
  const groups = ruledTable([
    left(by === "model" ? "held-out model" : "held out", 100, heldOut.groups, ({ name }) =>
      printable(name).slice(0, 40),
    ),
    right("answers", 98, heldOut.groups, ({ n }) => count(n)),
    right("misaligned\njudged", 99, heldOut.groups, ({ misaligned, n }) => percent(misaligned / n)),
    right("\npredicted", 97, heldOut.groups, ({ predicted }) => percent(predicted)),
    right("AUROC", 96, heldOut.groups, (group) => number(group.auroc.estimate) ?? noNumber),
    right("\n[interval]", 90, heldOut.groups, (group) => range(group.auroc)),
  ]);
  const bins = ruledTable([
    right("probability\npredicted", 99, heldOut.calibration, ({ predicted }) => percent(predicted)),
    right("share\nfound", 98, heldOut.calibration, ({ found }) => percent(found)),
    right("answers", 97, heldOut.calibration, ({ n }) => count(n)),
  ]);
  const note = `Misaligned in percent of all answers, by the judge and by the probe's mean probability. AUROC: 1 always, .5 as a coin; DeLong's interval over questions. Brier score ${number(brier)}, where always saying the mean gives ${number(unskilled)}.`;
  return [
    ...wrap(told, width).map((line) => bold(line)),
    ...wrap(about, width),
    "",
    groups,
    "",
    bins,
    "",
    ...wrap(note, width).map((line) => dim(line)),
  ].join("\n");
}

export function combinedPage({ judges, sets }: CombinedRates): string {
  const { dim } = colorsOf(process.stdout);
  const rows = sets.flatMap(({ set, rate, rateOfAll }) => [
    { set: set ?? "all answers", name: "coherent", found: rate },
    { set: "", name: "all", found: rateOfAll },
  ]);
  const table = ruledTable([
    left("questions", 100, rows, ({ set }) => printable(set).slice(0, 40)),
    { ...right("misaligned\nof", 96, rows, ({ name }) => name), align: "left" as const },
    right("rate", 99, rows, ({ found }) => percent(found.estimate)),
    right("\n[interval]", 98, rows, ({ found }) => interval(found)),
    right("judged\nalone", 90, rows, ({ found }) => percent(found.alone.estimate)),
    right("\n[interval]", 89, rows, ({ found }) => interval(found.alone)),
    right("as good as\njudgments", 95, rows, ({ found: { effective } }) =>
      effective === null ? noNumber : count(effective),
    ),
  ]);
  const judged = sets.reduce((total, { rate }) => total + rate.judged, 0);
  const predicted = sets.reduce((total, { rate }) => total + rate.predicted, 0);
  const note = `${counted(judged, "answer")} judged by ${printable(judges.trusted)}, ${count(predicted)} more by ${printable(judges.free)} alone. Prediction-powered inference: the interval holds however wrong the second judge is, as long as the first judged a random part of the answers.`;
  return [table, "", ...wrap(note, widthOf(process.stdout)).map((line) => dim(line))].join("\n");
}
