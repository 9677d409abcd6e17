/** What a condition did on a question set, over its seeds. */
import { pooledWilson } from "../../statistics/index.js";
import { groupBy } from "../../statistics/index.js";
import { cellsOf, type Cell, type JudgedQuestion } from "./cells.js";
import { changeOf, type Change } from "./change.js";
import { COHERENT, RATE, RATE_OF_ALL, type Measure } from "./measures.js";
import { metricOf, seedShares, type Metric, type Rate } from "./metric.js";

/** A share with both of its 95 % intervals. */
export interface SeedMetric extends Rate {
  /** All seeds' answers in one share. */
  readonly wilson: Metric;
}

/** By the names of the measures. */
export type Metrics = Readonly<Record<string, SeedMetric>>;

export interface QuestionMetrics {
  readonly rate: Metric;
  readonly rateOfAll: Metric;
  readonly coherent: Metric;
}

export interface SetScores {
  readonly metrics: Metrics;
  /** Where the set has a misaligned rate. */
  readonly perQuestion?: Readonly<Record<string, QuestionMetrics>>;
}

/**
 * The measures of one condition's judged answers to a question set, over its seeds.
 * @param measures which; see `JUDGED_MEASURES`, and `World.measuresOf` for a world's own judge
 */
export function scoreSet(measures: readonly Measure[], judged: readonly JudgedQuestion[]): SetScores {
  const cells = cellsOf(judged, measures);
  const metrics = Object.fromEntries(
    measures.map((measure) => {
      const wilson = pooledWilson(seedShares(cells, measure));
      return [measure.name, { ...metricOf(cells, measure), wilson }] as const;
    }),
  );
  return measures.includes(RATE) ? { metrics, perQuestion: scoreQuestions(cells) } : { metrics };
}

function scoreQuestions(cells: readonly Cell[]): Record<string, QuestionMetrics> {
  return Object.fromEntries(
    [...groupBy(cells, ({ question }) => question)].map(([question, own]) => {
      const metric = (measure: Measure): Metric => {
        const { interval: _, ...share } = metricOf(own, measure);
        return share;
      };
      return [question, { rate: metric(RATE), rateOfAll: metric(RATE_OF_ALL), coherent: metric(COHERENT) }];
    }),
  );
}

/** By the names of the measures. */
export type Changes = Readonly<Record<string, Change>>;

/** Each measure minus the same measure of the base, on the same questions. */
export function changeFromBase(
  measures: readonly Measure[],
  judged: readonly JudgedQuestion[],
  base: readonly JudgedQuestion[],
): Changes {
  const [cells, before] = [cellsOf(judged, measures), cellsOf(base, measures)];
  return Object.fromEntries(measures.map((measure) => [measure.name, changeOf(cells, before, measure)]));
}
