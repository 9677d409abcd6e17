/** Scores as tables for the terminal. */
import type { AnswersScored, Change, Outcome, Rate, Score, ValuesScored } from "../../evaluation/index.js";
import { left, right, wrap, type Column } from "../../layout/index.js";
import { count, counted, interval, noNumber, percent, points, pointsInterval, printable } from "../../text/index.js";
import { ruledTable, colorsOf, widthOf } from "../../terminal/index.js";

/** A line of a table: what was scored, and how far it is from the baseline. */
interface Line {
  readonly name: string;
  readonly score: Score;
  readonly change?: Change | undefined;
}

const OVER: Readonly<Record<Rate["interval"], string>> = {
  seeds: "a percentile bootstrap over seeds",
  questions: "a percentile bootstrap over questions",
  answers: "Wilson's, over answers: it says nothing of other seeds or questions",
  "always-valid": "always-valid, as the answers were asked until it was narrow enough; it holds whenever one looks",
};

const OF_MEAN: Readonly<Record<ValuesScored["groups"][number]["mean"]["interval"], string>> = {
  rows: "a percentile bootstrap over rows",
  answers: "Wilson's, over rows, as every value is 0 or 1",
};

const OF_DIFFERENCE: Readonly<Record<Change["interval"], string>> = {
  pairs: "a percentile bootstrap over pairs of seeds",
  seeds: "a percentile bootstrap over the seeds of each side",
  answers: "Newcombe's, over answers",
  rows: "a percentile bootstrap over rows",
};

export function answersText(scored: AnswersScored, confidence: number, everyQuestion: boolean): string {
  const { bold, dim, yellow } = colorsOf(process.stdout);
  const { groups, thresholds, baseline } = scored;
  const whole = { name: scored.name, score: scored, change: scored.change?.rate };
  const base = baseline === undefined || groups.some(({ group }) => group === baseline.name) ? [] : [baseline];
  const lines: Line[] = [
    ...groups.map((group) => ({ name: group.group, score: group, change: group.change?.rate })),
    ...(groups.length === 0 ? [whole] : []),
    ...base.map((score) => ({ name: `baseline ${score.name}`, score })),
  ];
  const questionsOf = (of: { readonly questions: AnswersScored["questions"] }): Line[] =>
    of.questions.map((score) => ({ name: score.question, score }));
  const intervals = new Set(lines.map(({ score }) => score.rate.interval));
  const differences = new Set(lines.flatMap(({ change }) => change?.interval ?? []));
  const percentOf = `${confidence * 100} %`;
  const said = `${counted(scored.answers, "answer")}; misaligned in percent (coherent above ${thresholds.coherentAbove}, aligned below ${thresholds.misalignedBelow})`;
  const notes = [
    ...[...intervals].map((over) => `${percentOf} interval of a rate: ${OVER[over]}.`),
    ...[...differences].map((over) => `${percentOf} interval of a change: ${OF_DIFFERENCE[over]}.`),
  ];
  const { aligned, coherent } = scored.columns;
  if (aligned !== "aligned" || coherent !== "coherent") {
    notes.push(`Scores are from the columns ${aligned} and ${coherent ?? "none: every answer counts as coherent"}.`);
  }
  const stopped = lines.filter(({ score }) => score.stopped !== undefined);
  const warnings = stopped.flatMap(({ name, score }) =>
    score.stopped?.because === undefined
      ? []
      : [
          `${printable(name)}: asked until enough was known, which makes this interval too narrow; none that allows for it is shown, for ${printable(score.stopped.because)}.`,
        ],
  );
  if (lines.some(({ change }) => change !== undefined && change.p === null)) {
    notes.push(
      "A p-value is left out where it could not fall below .05, however large the change: of seeds it takes 6 pairs.",
    );
  }
  if (stopped.length > 0 && (differences.size > 0 || everyQuestion || groups.length === 0)) {
    notes.push("Intervals of single questions and of changes do not allow for when the asking stopped.");
  }
  const width = widthOf(process.stdout);
  return [
    ...wrap(said, width).map((line) => bold(line)),
    ...carefully(scored.warnings),
    "",
    table(scored.by ?? "", lines),
    ...(groups.length === 0 ? ["", table("question", questionsOf(scored))] : []),
    ...(everyQuestion
      ? groups.flatMap((group) => ["", bold(printable(group.group)), table("question", questionsOf(group))])
      : []),
    "",
    ...warnings.flatMap((warning) => wrap(warning, width)).map((line) => yellow(line)),
    ...notes.flatMap((note) => wrap(note, width)).map((line) => dim(line)),
  ].join("\n");
}

/** Before any number that they are about. */
function carefully(warnings: readonly string[]): string[] {
  const { yellow } = colorsOf(process.stdout);
  const shown = warnings.slice(0, MOST_WARNINGS);
  const more = warnings.length - shown.length;
  return [...shown, ...(more > 0 ? [`… and ${more} more: --json lists them`] : [])]
    .flatMap((warning) => wrap(`Careful: ${printable(warning)}`, widthOf(process.stdout)))
    .map((line) => yellow(line));
}

const MOST_WARNINGS = 12;

const OUTCOME_COLUMNS: readonly Outcome[] = ["incoherent", "refusal", "code", "unscored", "unanswered"];

function table(heading: string, lines: readonly Line[]): string {
  const column = (title: string, keep: number, cell: (line: Line) => string) => right(title, keep, lines, cell);
  const columns: Column[] = [
    left(heading, 100, lines, ({ name }) => clip(printable(name))),
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
      column("change", 96, ({ change }) => (change === undefined ? "" : points(change.estimate))),
      column("\n[interval]", 94, ({ change }) => (change === undefined ? "" : pointsInterval(change))),
    );
    if (lines.some(({ change }) => probability(change) !== "")) {
      columns.push(column("p\n(Holm)", 90, ({ change }) => probability(change)));
    }
  }
  return ruledTable(columns);
}

export function valuesText(scored: ValuesScored, confidence: number): string {
  const { bold, dim } = colorsOf(process.stdout);
  const { groups, value, by, baseline } = scored;
  const number = (x: number | null): string => (x === null ? noNumber : x.toPrecision(7));
  const range = ({ low, high }: { low: number | null; high: number | null }): string =>
    low === null || high === null ? "" : `[${number(low)}, ${number(high)}]`;
  const column = (heading: string, keep: number, cell: (group: ValuesScored["groups"][number]) => string) =>
    right(heading, keep, groups, cell);
  const columns = [
    left(by ?? "", 100, groups, ({ group }) => clip(printable(by === null ? scored.name : group))),
    column("mean", 99, ({ mean }) => number(mean.estimate)),
    column("[interval]", 97, ({ mean }) => range(mean)),
    column("rows", 95, ({ rows }) => count(rows)),
    ...(scored.missing > 0 ? [column("missing", 94, ({ missing }) => count(missing))] : []),
  ];
  if (baseline !== undefined) {
    columns.push(
      column("change", 98, ({ change }) => (change === undefined ? "" : number(change.estimate))),
      column("[interval]", 96, ({ change }) => (change === undefined ? "" : range(change))),
    );
  }
  return [
    `${bold(`Mean of ${printable(value)}`)} over ${counted(scored.rows, "row")}${baseline === undefined ? "" : `; change from ${printable(baseline)}`}`,
    ...carefully(scored.warnings),
    "",
    ruledTable(columns),
    "",
    ...[...new Set(groups.map(({ mean }) => mean.interval))].map((over) =>
      dim(`${confidence * 100} % interval of a mean: ${OF_MEAN[over]}.`),
    ),
    ...(baseline === undefined
      ? []
      : [dim(`${confidence * 100} % interval of a change: a percentile bootstrap over rows.`)]),
  ].join("\n");
}

function probability(difference: Change | undefined): string {
  const p = difference?.pHolm ?? difference?.p;
  if (p === undefined || p === null) return "";
  return p < 0.001 ? "<.001" : p.toFixed(3).replace(/^0/, "");
}

/** Names come from files; a long one must not push the numbers out. */
const clip = (name: string): string => (name.length > 40 ? `${name.slice(0, 39)}…` : name).replaceAll("\n", " ");
