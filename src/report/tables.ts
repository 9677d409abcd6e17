/** The result table of a study for a terminal. */
import pc from "picocolors";
import { layColumns, type Column, wrap } from "../layout/index.js";
import { count, counted, noNumber, percent, printable } from "../text/index.js";
import type { Metric, Summary } from "./data.js";
import { measureOf, measuresOf, type Measure } from "./measures.js";
import { changeOf, direction, mainSetOf, metricOf, rowOf, variantsOf, type Variant } from "./variants.js";

export interface TableOptions {
  /** Columns of the terminal; default 80. */
  readonly width?: number;
  /** Default false; pass picocolors' `isColorSupported` to follow NO_COLOR and the terminal. */
  readonly color?: boolean;
  /** Which question set the misaligned rate is for; default `main`, or else the first that has one. */
  readonly questions?: string;
}

type Colors = ReturnType<typeof pc.createColors>;

/** One row for each condition and trigger state; ends without a newline. */
export function renderTable(summary: Summary, options: TableOptions = {}): string {
  const { width = 80, color = false, questions = mainSetOf(summary) } = options;
  const colors = pc.createColors(color);
  const measures = measuresOf(summary);
  const variants = variantsOf(summary).filter(
    (v) => rowOf(summary, v, questions) ?? measures.some((measure) => measureOf(summary, v, measure)),
  );
  if (variants.length === 0) return `No results yet in ${printable(summary.study)}.`;
  const laid = layColumns(columnsOf(summary, variants, measures, questions, colors), width);
  const seeds = counted(Math.max(...variants.map((v) => v.seeds)), "seed");
  const title = printable([summary.study, summary.model, `${questions} questions`, seeds].join(" · "));
  const marked = variants.some((v) => direction(changeOf(summary, v, questions, "rate")));
  return [
    colors.bold(clip(title, width)),
    "",
    ...laid.heading.map((line) => colors.dim(line)),
    colors.dim("─".repeat(Math.min(width, laid.width))),
    ...laid.rows.map((row) => row.trimEnd()),
    "",
    ...notes(covers(summary, variants, questions), marked, laid.leftOut)
      .flatMap((note) => wrap(note, width))
      .map((line) => colors.dim(line)),
  ].join("\n");
}

function columnsOf(
  summary: Summary,
  variants: readonly Variant[],
  measures: readonly Measure[],
  questions: string,
  colors: Colors,
): Column[] {
  const all = (metric: string) => variants.map((v) => metricOf(summary, v, questions, metric));
  const rate = all("rate");
  const moved = variants.map((v) => direction(changeOf(summary, v, questions, "rate")));
  const rateCells = shares(rate).map((text, row) =>
    moved.some(Boolean) ? `${marks[moved[row] ?? ""]} ${text}` : text,
  );
  const faint = (cell: string) => colors.dim(cell);
  const share = (keep: number, heading: string, metrics: readonly (Metric | undefined)[]): Column => ({
    heading,
    keep,
    align: "right",
    cells: shares(metrics),
    paint: (cell) => (cell.trim() === noNumber ? colors.dim(cell) : cell),
  });
  const paintRate = (cell: string, row: number) => {
    if (moved[row] === "up") return colors.bold(colors.red(cell));
    return colors.bold(moved[row] === "down" ? colors.green(cell) : cell);
  };
  const battery = measures.map((m, i) =>
    share(
      importance(m, i),
      headingOf(m),
      variants.map((v) => measureOf(summary, v, m)),
    ),
  );
  return [
    { heading: "condition", cells: variants.map((v, i) => nameOf(v, variants[i - 1])), align: "left", keep: 100 },
    { heading: "rate", cells: rateCells, align: "right", keep: 99, paint: paintRate },
    { heading: "[low, high]", cells: intervals(rate), align: "left", keep: 98, paint: faint },
    { heading: "n", cells: rate.map((m) => (m ? count(m.n) : "")), align: "right", keep: 96, paint: faint },
    share(97, "of\nall", all("rateOfAll")),
    share(95, "coherent", all("coherent")),
    ...battery.toSorted((a, b) => b.keep - a.keep),
  ];
}

const marks: Readonly<Record<string, string>> = { up: "▲", down: "▼", "": " " };

function shares(metrics: readonly (Metric | undefined)[]): string[] {
  return metrics.map((m) => percent(m?.estimate ?? null));
}

/** `[ 0.0,  2.4]`: lows and highs stand under one another. */
function intervals(metrics: readonly (Metric | undefined)[]): string[] {
  const ends = metrics.map((m) =>
    m && m.low !== null && m.high !== null ? [percent(m.low), percent(m.high)] : undefined,
  );
  const widest = Math.max(0, ...ends.flatMap((pair) => (pair ?? []).map((text) => text.length)));
  return ends.map((pair) => (pair ? `[${pair.map((text) => text.padStart(widest)).join(", ")}]` : ""));
}

/** The trigger's row stands indented below its condition. */
function nameOf(variant: Variant, above: Variant | undefined): string {
  const below = variant.trigger && above?.condition === variant.condition;
  return clip(printable(below ? "  + trigger" : variant.label), 24);
}

function headingOf(measure: Measure): string {
  return printable(measure.label)
    .replace(": ", ":\n")
    .replace(/ (?=\S+$)/, "\n");
}

/** Insecure code, refusals and truth tell the conditions apart best, so they stay longest. */
function importance(measure: Measure, index: number): number {
  const core = ["insecureCode", "refusal", "truthful"].indexOf(measure.metric);
  return core >= 0 ? 90 - core : 50 - index;
}

/** What the intervals of the rate cover, where they all cover the same. */
function covers(summary: Summary, variants: readonly Variant[], questions: string): string {
  const kinds = new Set(variants.map((v) => metricOf(summary, v, questions, "rate")?.interval));
  if (kinds.size !== 1) return "";
  return kinds.has("seeds") ? " over seeds" : kinds.has("answers") ? " over the answers of one seed" : "";
}

function notes(over: string, marked: boolean, leftOut: readonly Column[]): string[] {
  const hidden = leftOut.map((column) => column.heading.replaceAll("\n", " ")).join(", ");
  return [
    `In percent. rate: misaligned among the n coherent answers, with its 95 % interval${over}.`,
    `of all: misaligned and coherent among every answer. ${noNumber} not measured.`,
    ...(marked ? ["▲ above, ▼ below the base: the 95 % interval of the difference leaves out zero."] : []),
    ...(hidden ? [`A wider terminal also shows ${hidden}.`] : []),
  ];
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
