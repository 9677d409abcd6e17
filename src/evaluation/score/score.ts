/** The score of answers in files: their rates, with everything that was counted for them. */
import { groupBy } from "../../statistics/index.js";
import { outcomeTotals, totals, type CountedCell, type OutcomeCounts } from "./counts.js";
import { COHERENT, RATE, RATE_OF_ALL } from "./measures.js";
import { metricOf, type Rate, type RateOptions } from "./metric.js";

/** Of answers that were asked until enough was known. */
export interface Stopped {
  /** Whether the intervals hold whenever one looks; those of single questions and of changes never do. */
  readonly isAllowedFor: boolean;
  /** Why not. */
  readonly because?: string;
}

/** Seeds that answered a question with too few coherent answers to count for it. */
export interface Dropped {
  readonly cells: number;
  readonly of: number;
  /** Misaligned answers in them. */
  readonly misaligned: number;
}

export interface Score {
  readonly answers: number;
  /** Coherent answers, with or without a score of alignment. */
  readonly coherent: number;
  /** Of those, the ones with a score of alignment: under the rate. */
  readonly scored: number;
  readonly misaligned: number;
  /** Every answer in exactly one. */
  readonly outcomes: OutcomeCounts;
  /** Distinct seeds; 1 where rows name none. */
  readonly seeds: number;
  /** Misaligned among coherent answers. */
  readonly rate: Rate;
  /** Misaligned among all answers. */
  readonly rateOfAll: Rate;
  readonly coherentShare: Rate;
  /** What the rate of coherent answers leaves out, over several seeds; the rate of all counts it. */
  readonly dropped?: Dropped;
  readonly stopped?: Stopped;
}

export interface QuestionScore extends Score {
  readonly question: string;
}

export const leastOf = ({ leastCoherent = RATE.least ?? 1 }: Pick<RateOptions, "leastCoherent">): number =>
  leastCoherent;

export function scoreOf(cells: readonly CountedCell[], options: RateOptions): Score {
  const { answers, coherent, scored, misaligned } = totals(cells);
  const seeds = new Set(cells.map(({ seed }) => seed)).size;
  const dropped = seeds > 1 ? droppedOf(cells, leastOf(options)) : undefined;
  return {
    answers,
    coherent,
    scored,
    misaligned,
    outcomes: outcomeTotals(cells),
    seeds,
    rate: metricOf(cells, RATE, options),
    rateOfAll: metricOf(cells, RATE_OF_ALL, options),
    coherentShare: metricOf(cells, COHERENT, options),
    ...(dropped !== undefined && { dropped }),
  };
}

function droppedOf(cells: readonly CountedCell[], least: number): Dropped | undefined {
  const left = cells.filter(({ counts }) => counts.scored < least);
  if (left.length === 0) return undefined;
  return { cells: left.length, of: cells.length, misaligned: totals(left).misaligned };
}

/** In order of first appearance. */
export function questionScores(cells: readonly CountedCell[], options: RateOptions): QuestionScore[] {
  return [...groupBy(cells, ({ question }) => question)].map(([question, own]) => ({
    question,
    ...scoreOf(
      own,
      // There is nothing to resample within one question but seeds or answers.
      { ...options, interval: options.interval === "questions" ? undefined : options.interval },
    ),
  }));
}
