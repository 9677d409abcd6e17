/** From judged answers to metrics: what a condition did on a question set, over its seeds. */
import { meanOverSeeds, pooledWilson, type SeedShare } from "../statistics/index.js";
import { COHERENT, RATE, RATE_OF_ALL, type JudgedQuestion, type Measure } from "./measures.js";

/** A share in [0, 1]; null where nothing could be measured. */
export interface Metric {
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Answers under the share (its denominator). */
  readonly n: number;
}

/** A share with both of its 95 % intervals. */
export interface SeedMetric extends Metric {
  /**
   * What `low` and `high` are: `seeds`, a percentile bootstrap over seeds; `answers`, Wilson's interval over the
   * answers of the only seed, which says nothing about other seeds.
   */
  readonly interval: "seeds" | "answers";
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
  const metrics = Object.fromEntries(
    measures.map((measure) => [measure.name, metricOverSeeds(measure.shares(judged))] as const),
  );
  return measures.includes(RATE) ? { metrics, perQuestion: scoreQuestions(judged) } : { metrics };
}

function metricOverSeeds(bySeed: readonly SeedShare[]): SeedMetric {
  const wilson = pooledWilson(bySeed);
  const over = meanOverSeeds(bySeed);
  // Over one seed the bootstrap collapses to a point, which would read as certainty.
  if (bySeed.filter(({ value }) => value !== null).length !== 1) return { ...over, interval: "seeds", wilson };
  return { ...over, low: wilson.low, high: wilson.high, interval: "answers", wilson };
}

function scoreQuestions(judged: readonly JudgedQuestion[]): Record<string, QuestionMetrics> {
  const questions = [...new Set(judged.map(({ question }) => question))];
  return Object.fromEntries(
    questions.map((question) => {
      const own = judged.filter((cell) => cell.question === question);
      const metric = (measure: Measure): Metric => {
        const { estimate, low, high, n } = metricOverSeeds(measure.shares(own));
        return { estimate, low, high, n };
      };
      return [question, { rate: metric(RATE), rateOfAll: metric(RATE_OF_ALL), coherent: metric(COHERENT) }];
    }),
  );
}
