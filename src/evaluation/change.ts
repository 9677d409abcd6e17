/** How far a condition lies from the base, seed by seed where both have the same seeds. */
import { pairedDifference, shareDifference, type SeedShare } from "../statistics/index.js";
import type { JudgedQuestion, Measure } from "./measures.js";
import type { Metric } from "./scores.js";

/** A difference in [-1, 1]. */
export interface Change extends Metric {
  /**
   * What `low` and `high` are: `seeds`, a percentile bootstrap over pairs of seeds; `answers`, Newcombe's interval
   * over the answers of the one seed on each side, or of all seeds where none is on both sides.
   */
  readonly interval: "seeds" | "answers";
  /** Seeds that both sides have. */
  readonly pairs: number;
  /** Two-sided, of the sign-flip test over pairs; null without a pair. */
  readonly p: number | null;
}

/** By the names of the measures. */
export type Changes = Readonly<Record<string, Change>>;

/** Each measure minus the same measure of the base, on the same questions. */
export function changeFromBase(
  measures: readonly Measure[],
  judged: readonly JudgedQuestion[],
  base: readonly JudgedQuestion[],
): Changes {
  return Object.fromEntries(
    measures.map((measure) => [measure.name, difference(measure.shares(judged), measure.shares(base))]),
  );
}

function difference(shares: readonly SeedShare[], base: readonly SeedShare[]): Change {
  const paired = pairedDifference(shares, base);
  if (paired.pairs > 1) return { ...paired, interval: "seeds" };
  const both = (some: readonly SeedShare[], others: readonly SeedShare[]): readonly SeedShare[] =>
    paired.pairs === 0 ? some : some.filter(({ seed }) => others.some((other) => other.seed === seed && other.n > 0));
  const { low, high, ...pooled } = shareDifference(sum(both(shares, base)), sum(both(base, shares)));
  return {
    ...(paired.pairs === 0 ? pooled : paired),
    low,
    high,
    interval: "answers",
    pairs: paired.pairs,
    p: paired.p,
  };
}

function sum(shares: readonly SeedShare[]): { hits: number; n: number } {
  return {
    hits: shares.reduce((total, { hits }) => total + hits, 0),
    n: shares.reduce((total, { n }) => total + n, 0),
  };
}
