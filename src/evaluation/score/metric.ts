/** From counted answers to a share with its interval: the one way in which studies, files and calls are scored. */
import {
  clusterInterval,
  meanOverSeeds,
  pooledWilson,
  seedRates,
  sumOfShares,
  type BootstrapOptions,
  type Estimate,
  type SeedShare,
} from "../../statistics/index.js";
import { groupBy } from "../../statistics/index.js";
import type { Cell } from "./cells.js";
import type { Measure } from "./measures.js";

/** A share in [0, 1]; null where nothing could be measured. `n` counts the answers under it. */
export type Metric = Readonly<Estimate>;

/**
 * What an interval's units are: `seeds`, a percentile bootstrap over seeds; `questions`, a bootstrap over questions;
 * `answers`, Wilson's interval over answers, which says nothing about other seeds; also where all seeds have one value,
 * of which a bootstrap makes a point.
 */
export type IntervalOver = "seeds" | "questions" | "answers";

export interface Rate extends Metric {
  /** `always-valid`: a confidence sequence over answers that were asked until it was narrow enough. */
  readonly interval: IntervalOver | "always-valid";
}

export interface RateOptions extends BootstrapOptions {
  /** Unless given, seeds where there are several, answers where there is one. */
  readonly interval?: IntervalOver | undefined;
  /** With fewer coherent answers a seed does not count for a question; 5 unless given. */
  readonly leastCoherent?: number | undefined;
  /**
   * Answers are the independent units where there is one seed, as in files whose rows name none: they count the same
   * whatever the question, none is left out, and differences rest on all of them.
   */
  readonly ofAnswers?: boolean | undefined;
}

/** A share of each seed. */
export function seedShares(cells: readonly Cell[], measure: Measure, options: RateOptions = {}): SeedShare[] {
  const { leastCoherent, ofAnswers = false } = options;
  const counts = cells.map((cell) => ({ question: cell.question, seed: cell.seed, ...measure.shareOf(cell) }));
  const [first, ...others] = cells;
  if (ofAnswers && others.every(({ seed }) => seed === first?.seed)) return seedRates(counts, { weigh: "answers" });
  const least = measure.least === undefined ? undefined : (leastCoherent ?? measure.least);
  return seedRates(counts, { weigh: measure.weigh, least });
}

export function metricOf(cells: readonly Cell[], measure: Measure, options: RateOptions = {}): Rate {
  const bySeed = seedShares(cells, measure, options);
  const observed = bySeed.filter(({ value }) => value !== null).length;
  if (observed === 0 && options.ofAnswers === true) {
    return { ...pooledWilson(cells.map(measure.shareOf), options.confidence), interval: "answers" };
  }
  const { interval = observed === 1 ? "answers" : "seeds" } = options;
  if (interval === "questions") {
    const questions = [...groupBy(cells, ({ question }) => question).values()];
    const shares = questions.map((own) => sumOfShares(own.map(measure.shareOf)));
    return { ...clusterInterval(shares, options), interval };
  }
  const over = meanOverSeeds(bySeed, options);
  // Over one seed, or seeds that agree, the bootstrap collapses to a point, which would read as certainty.
  const isPoint = observed > 0 && over.low === over.high;
  if (interval === "seeds" && !isPoint) return { ...over, interval };
  const { low, high } = pooledWilson(bySeed, options.confidence);
  return { ...over, low, high, interval: "answers" };
}
