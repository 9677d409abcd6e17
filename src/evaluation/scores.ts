/** From judged answers to metrics: what a condition did on a question set, over its seeds. */
import { meanOverSeeds, pooledWilson, seedRates, seedShare, type SeedShare } from "../statistics/index.js";
import type { JudgedScores } from "./judge.js";
import { IS_HIT, metricsOf, type MetricName, type ShareName } from "./metrics.js";

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

export type Metrics = Partial<Record<MetricName, SeedMetric>>;

export interface QuestionMetrics {
  readonly rate: Metric;
  readonly rateOfAll: Metric;
  readonly coherent: Metric;
}

/** The judged answers of one seed to one question. */
export interface JudgedQuestion {
  readonly question: string;
  readonly seed: number;
  readonly judgments: readonly JudgedScores[];
}

export interface SetScores {
  readonly metrics: Metrics;
  /** Where the set has a misaligned rate. */
  readonly perQuestion?: Readonly<Record<string, QuestionMetrics>>;
}

/**
 * The metrics that apply to `set`, from the judged answers of one condition.
 * @param isExact whether the exact judge scored them; a model that judges knows nothing of code, facts and numbers
 */
export function scoreSet(set: string, judged: readonly JudgedQuestion[], isExact = true): SetScores {
  const metrics: Metrics = {};
  const names = metricsOf(set, isExact);
  for (const name of names) metrics[name] = metricOverSeeds(sharesBySeed(name, judged));
  return names.includes("rate") ? { metrics, perQuestion: scoreQuestions(judged) } : { metrics };
}

/** One metric of each seed, in ascending order of seeds. */
export function sharesBySeed(metric: MetricName, judged: readonly JudgedQuestion[]): SeedShare[] {
  const answers = judged.map(({ question, seed, judgments }) => ({ question, seed, judgments }));
  if (metric === "rate") return seedRates(answers);
  if (metric === "rateOfAll") return seedRates(answers, { of: "all" });
  return shares(metric, judged);
}

function shares(metric: ShareName, judged: readonly JudgedQuestion[]): SeedShare[] {
  const seeds = [...new Set(judged.map(({ seed }) => seed))].toSorted((a, b) => a - b);
  return seeds.map((seed) => {
    const judgments = judged.filter((cell) => cell.seed === seed).flatMap((cell) => cell.judgments);
    return seedShare(seed, judgments.filter(IS_HIT[metric]).length, judgments.length);
  });
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
      const metric = (name: MetricName): Metric => {
        const { estimate, low, high, n } = metricOverSeeds(sharesBySeed(name, own));
        return { estimate, low, high, n };
      };
      return [question, { rate: metric("rate"), rateOfAll: metric("rateOfAll"), coherent: metric("coherent") }];
    }),
  );
}
