/** A heat strip: the misaligned rate of every condition on every single question, as shade and as number. */
import * as Plot from "@observablehq/plot";
import type { Metric, Summary } from "../data.js";
import { interval, noNumber, percent } from "../../text/index.js";
import { rowOf, variantsOf, type Variant } from "../variants.js";
import { draw, type FigureOptions } from "./draw.js";
import { faint, isNarrow, muted, roleColors, wideWidth } from "./theme.js";

export interface QuestionCell {
  readonly variant: Variant;
  readonly question: string;
  readonly rate: Metric;
}

export interface QuestionFigureOptions extends FigureOptions {
  /** Which question set; default `main`. */
  readonly questions?: string;
  /** Which of its questions; default all, in the study's order. */
  readonly only?: readonly string[];
}

export function questionCells(summary: Summary, questions = "main"): QuestionCell[] {
  return variantsOf(summary).flatMap((variant) =>
    Object.entries(rowOf(summary, variant, questions)?.perQuestion ?? {}).map(([question, { rate }]) => ({
      variant,
      question,
      rate,
    })),
  );
}

/** The questions of a set that have a rate of their own, in the study's order. */
export function questionsOf(summary: Summary, questions = "main"): string[] {
  return [...new Set(questionCells(summary, questions).map((cell) => cell.question))];
}

/** The shade of the highest rate; at this opacity the number on it stays readable in the light and in the dark. */
const darkest = 0.6;

export function questionFigure(summary: Summary, options: QuestionFigureOptions = {}): string {
  const { width = wideWidth, questions = "main", only = questionsOf(summary, questions) } = options;
  const every = questionCells(summary, questions);
  const cells = every.filter((cell) => only.includes(cell.question));
  const labels = [...new Set(cells.map((cell) => cell.variant.label))];
  const narrow = isNarrow(width);
  const left = narrow ? 132 : 140;
  // Slanted headings reach past the last column.
  const upright = (width - left) / only.length >= 64;
  const right = upright ? 0 : 54;
  const top = upright ? 54 : 114;
  const column = (width - left - right) / only.length;
  // One scale for a set, however many drawings it is split into.
  const highest = Math.max(0.2, ...every.map((cell) => cell.rate.estimate ?? 0));
  const x = (cell: QuestionCell) => cell.question;
  const y = (cell: QuestionCell) => cell.variant.label;
  const tooltip = (cell: QuestionCell) =>
    `${cell.variant.label}, ${cell.question}: ${percent(cell.rate.estimate)} % ${interval(cell.rate)}, n ${cell.rate.n}`;
  const heading = upright
    ? { lineWidth: column / 13.5, lineAnchor: "bottom" as const }
    : { tickRotate: -60, textAnchor: "start" as const, dx: 3 };
  return draw(
    {
      id: `questions-${slug(questions)}-${every.findIndex((cell) => cell.question === only[0])}`,
      title: `Misaligned answers to each ${questions} question, by condition`,
      description: `A grid of ${labels.length} conditions by ${only.length} questions; each field gives the share of misaligned among coherent answers in percent. The same numbers with their intervals stand in the table below.`,
    },
    {
      width,
      marginTop: top,
      marginLeft: left,
      marginRight: right,
      marginBottom: 4,
      height: top + 4 + labels.length * 28,
      x: { type: "band", domain: only, padding: 0, label: null },
      y: { type: "band", domain: labels, padding: 0, round: false, label: null },
      marks: [
        Plot.axisX({
          anchor: "top",
          tickSize: 0,
          tickPadding: 8,
          ...heading,
          tickFormat: (q: string) => clip(q.slice(q.lastIndexOf("/") + 1).replaceAll("_", " "), upright ? 40 : 15),
          fill: muted,
        }),
        Plot.axisY({ tickSize: 0, tickPadding: 10, textAnchor: "start", dx: 12 - left }),
        Plot.cell(cells, { x, y, inset: 1, rx: 3, fill: faint, fillOpacity: 0.5 }),
        Plot.cell(cells, {
          x,
          y,
          inset: 1,
          rx: 3,
          fill: roleColors.narrow,
          fillOpacity: { value: (c: QuestionCell) => ((c.rate.estimate ?? 0) / highest) * darkest, scale: null },
          title: tooltip,
        }),
        Plot.text(cells, { x, y, text: (c: QuestionCell) => whole(c.rate.estimate), fontVariant: "tabular-nums" }),
      ],
    },
  );
}

/** `33`, `<1`: a field has no room for more. */
function whole(share: number | null): string {
  if (share === null) return noNumber;
  return share > 0 && share < 0.005 ? "<1" : String(Math.round(share * 100));
}

function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`;
}

function slug(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}
