/** Scores as tables for the terminal. */
import type { AnswersScored, Difference, Outcome, Rate, Score, ValuesScored } from "../evaluation/index.js";
import { colorsOf, widthOf } from "./terminal.js";
import { wrap } from "./wrap.js";

type Report = typeof import("../report/index.js");
type Column = Parameters<Report["layColumns"]>[0][number];

/** A line of a table: what was scored, and how far it is from the baseline. */
interface Line {
  readonly name: string;
  readonly score: Score;
  readonly change?: { readonly rate: Difference } | undefined;
}

const OVER: Readonly<Record<Rate["interval"], string>> = {
  seeds: "a percentile bootstrap over seeds",
  questions: "a percentile bootstrap over questions",
  answers: "Wilson's, over answers: it says nothing of other seeds or questions",
};

const OF_DIFFERENCE: Readonly<Record<Difference["interval"], string>> = {
  pairs: "a percentile bootstrap over pairs of seeds",
  seeds: "a percentile bootstrap over the seeds of each side",
  answers: "Newcombe's, over answers",
  rows: "a percentile bootstrap over rows",
};

export async function answersText(scored: AnswersScored, confidence: number, everyQuestion: boolean): Promise<string> {
  const report = await import("../report/index.js");
  const { bold, dim } = colorsOf(process.stdout);
  const { groups, thresholds, baseline } = scored;
  const whole = { name: "all", score: scored, change: scored.change };
  const base = baseline === undefined || groups.some(({ group }) => group === baseline.name) ? [] : [baseline];
  const lines: Line[] = [
    ...groups.map((group) => ({ name: group.group, score: group, change: group.change })),
    ...(groups.length === 0 ? [whole] : []),
    ...base.map((score) => ({ name: `baseline ${score.name}`, score })),
  ];
  const questionsOf = (of: { readonly questions: AnswersScored["questions"] }): Line[] =>
    of.questions.map((score) => ({ name: score.question, score }));
  const intervals = new Set(lines.map(({ score }) => score.rate.interval));
  const differences = new Set(lines.flatMap(({ change }) => change?.rate.interval ?? []));
  const percentOf = `${confidence * 100} %`;
  const said = `${report.count(scored.answers)} answers; misaligned in percent (coherent above ${thresholds.coherentAbove}, aligned below ${thresholds.misalignedBelow})`;
  const notes = [
    ...[...intervals].map((interval) => `${percentOf} interval of a rate: ${OVER[interval]}.`),
    ...[...differences].map((interval) => `${percentOf} interval of a change: ${OF_DIFFERENCE[interval]}.`),
  ];
  const width = widthOf(process.stdout);
  return [
    ...wrap(said, width).map((line) => bold(line)),
    "",
    table(report, scored.by ?? "", lines),
    ...(groups.length === 0 ? ["", table(report, "question", questionsOf(scored))] : []),
    ...(everyQuestion
      ? groups.flatMap((group) => [
          "",
          bold(report.printable(group.group)),
          table(report, "question", questionsOf(group)),
        ])
      : []),
    "",
    ...notes.flatMap((note) => wrap(note, width)).map((line) => dim(line)),
  ].join("\n");
}

const OUTCOME_COLUMNS: readonly Outcome[] = ["incoherent", "refusal", "code", "unscored"];

function table(report: Report, heading: string, lines: readonly Line[]): string {
  const { layColumns, percent, interval, points, pointsInterval, count, printable } = report;
  const column = (title: string, keep: number, cell: (line: Line) => string): Column => ({
    heading: title,
    align: "right",
    keep,
    cells: lines.map(cell),
  });
  const named: Column = { heading, align: "left", keep: 100, cells: lines.map(({ name }) => clip(printable(name))) };
  const columns: Column[] = [
    named,
    column("of\ncoherent", 99, ({ score }) => percent(score.rate.estimate)),
    column("\n[interval]", 95, ({ score }) => interval(score.rate)),
    column("of\nall", 98, ({ score }) => percent(score.rateOfAll.estimate)),
    column("\n[interval]", 80, ({ score }) => interval(score.rateOfAll)),
    column("coherent", 97, ({ score }) => percent(score.coherentShare.estimate)),
    column("answers", 70, ({ score }) => count(score.answers)),
    column("seeds", 60, ({ score }) => count(score.seeds)),
    // An outcome that never came about needs no column.
    ...OUTCOME_COLUMNS.filter((name) => lines.some(({ score }) => score.outcomes[name] > 0)).map((name) =>
      column(name, 50, ({ score }) => count(score.outcomes[name])),
    ),
  ].filter(({ heading: title }) => title !== "seeds" || lines.some(({ score }) => score.seeds > 1));
  if (lines.some(({ change }) => change !== undefined)) {
    columns.push(
      column("change", 96, ({ change }) => (change === undefined ? "" : points(change.rate.estimate))),
      column("\n[interval]", 94, ({ change }) => (change === undefined ? "" : pointsInterval(change.rate))),
      column("p\n(Holm)", 90, ({ change }) => probability(change?.rate)),
    );
  }
  return laid(report, layColumns(columns, widthOf(process.stdout)));
}

export async function valuesText(scored: ValuesScored, confidence: number): Promise<string> {
  const report = await import("../report/index.js");
  const { bold, dim } = colorsOf(process.stdout);
  const { groups, value, by, baseline } = scored;
  const number = (x: number | null): string => (x === null ? report.noNumber : x.toPrecision(7));
  const range = ({ low, high }: { low: number | null; high: number | null }): string =>
    low === null || high === null ? "" : `[${number(low)}, ${number(high)}]`;
  const column = (heading: string, keep: number, cells: readonly string[]): Column => ({
    heading,
    align: "right",
    keep,
    cells,
  });
  const columns: Column[] = [
    { heading: by ?? "", align: "left", keep: 100, cells: groups.map(({ group }) => clip(report.printable(group))) },
    column(
      "mean",
      99,
      groups.map(({ mean }) => number(mean.estimate)),
    ),
    column(
      "[interval]",
      97,
      groups.map(({ mean }) => range(mean)),
    ),
    column(
      "rows",
      95,
      groups.map(({ rows }) => report.count(rows)),
    ),
  ];
  if (scored.missing > 0)
    columns.push(
      column(
        "missing",
        94,
        groups.map(({ missing }) => report.count(missing)),
      ),
    );
  if (baseline !== undefined) {
    columns.push(
      column(
        "change",
        98,
        groups.map(({ change }) => (change === undefined ? "" : number(change.estimate))),
      ),
      column(
        "[interval]",
        96,
        groups.map(({ change }) => (change === undefined ? "" : range(change))),
      ),
    );
  }
  return [
    `${bold(`Mean of ${report.printable(value)}`)} over ${report.counted(scored.rows, "row")}${baseline === undefined ? "" : `; change from ${report.printable(baseline)}`}`,
    "",
    laid(report, report.layColumns(columns, widthOf(process.stdout))),
    "",
    dim(`${confidence * 100} % intervals: a percentile bootstrap over rows.`),
  ].join("\n");
}

function laid({ printable }: Report, { heading, rows, width, leftOut }: ReturnType<Report["layColumns"]>): string {
  const { dim } = colorsOf(process.stdout);
  const missing = leftOut.map((column) => column.heading.replaceAll("\n", " ").trim());
  return [
    ...heading,
    dim("─".repeat(width)),
    ...rows.map((row) => printable(row)),
    ...(missing.length === 0 ? [] : [dim(`No room for: ${missing.join(", ")}; --json has them.`)]),
  ].join("\n");
}

function probability(difference: Difference | undefined): string {
  const p = difference?.pHolm ?? difference?.p;
  if (p === undefined || p === null) return "";
  return p < 0.001 ? "<.001" : p.toFixed(3).replace(/^0/, "");
}

/** Names come from files; a long one must not push the numbers out. */
const clip = (name: string): string => (name.length > 40 ? `${name.slice(0, 39)}…` : name).replaceAll("\n", " ");
