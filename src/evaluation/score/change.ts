/** How far answers lie from a baseline, seed by seed where both have the same seeds. */
import {
  bootstrapDifference,
  differenceFromFixed,
  fisherTest,
  holm,
  pairedDifference,
  shareDifference,
  sumOfShares,
  type BootstrapOptions,
  type SeedShare,
} from "../../statistics/index.js";
import type { Cell } from "./cells.js";
import type { Measure } from "./measures.js";
import { seedShares, type Metric, type RateOptions } from "./metric.js";

/** A difference in [-1, 1]: the score minus the baseline. */
export interface Change extends Metric {
  /**
   * What `low` and `high` are: `pairs`, a percentile bootstrap over seeds that both sides have; `seeds`, one over the
   * seeds of each side; `answers`, Newcombe's interval over the answers of the one seed on both sides, or of all seeds
   * where there is none; `rows`, a percentile bootstrap over rows of values.
   */
  readonly interval: "pairs" | "seeds" | "answers" | "rows";
  /** Seeds that both sides have. */
  readonly pairs?: number;
  /** Two-sided: the sign-flip test over pairs, or Fisher's over answers; null where neither can be had. */
  readonly p: number | null;
  /** The least that `p` could be, however large the difference: .25 of 3 pairs of seeds. */
  readonly leastP?: number;
  /** `p` corrected by Holm for the number of groups compared. */
  readonly pHolm?: number | null;
}

/** A measure minus the same measure of the baseline, on the same questions. */
export function changeOf(
  cells: readonly Cell[],
  baseline: readonly Cell[],
  measure: Measure,
  options: RateOptions = {},
): Change {
  const [shares, base] = [seedShares(cells, measure, options), seedShares(baseline, measure, options)];
  const { pairs, p, ...paired } = pairedDifference(shares, base, options);
  // Of differences that agree the bootstrap makes a point, which would read as certainty.
  const isPoint = paired.low === paired.high;
  if (pairs > 1 && !isPoint) return { ...paired, interval: "pairs", pairs, p, leastP: 2 / 2 ** pairs };
  const { ofAnswers = false, confidence } = options;
  const isCommon = pairs > 1 || (pairs === 1 && !ofAnswers);
  const [values, others] = [valuesOf(shares), valuesOf(base)];
  if (!isCommon && values.length > 1 && others.length > 1) {
    const n = sumOfShares(shares).n + sumOfShares(base).n;
    const between = bootstrapDifference(values, others, options);
    if (between.low !== between.high) return { ...between, n, interval: "seeds", pairs, p: null };
  }
  const counted = (side: readonly SeedShare[], other: readonly SeedShare[]) =>
    sumOfShares(isCommon ? side.filter(({ seed }) => other.some((one) => one.seed === seed && one.n > 0)) : side);
  const [a, b] = [counted(shares, base), counted(base, shares)];
  const { low, high, ...pooled } = shareDifference(a, b, confidence);
  const difference = { ...(isCommon ? paired : pooled), low, high, interval: "answers", pairs } as const;
  if (pairs > 1) return { ...difference, p, leastP: 2 / 2 ** pairs };
  if (!ofAnswers || a.n === 0 || b.n === 0) return { ...difference, p };
  return { ...difference, p: fisherTest(a, b), leastP: fisherTest({ hits: a.n, n: a.n }, { hits: 0, n: b.n }) };
}

const valuesOf = (shares: readonly SeedShare[]): number[] => shares.flatMap(({ value }) => value ?? []);

/** Of values that stand for themselves, one a row, such as one published rate a model. */
export function valueChange(values: readonly number[], baseline: readonly number[], options: BootstrapOptions): Change {
  const rest = { interval: "rows", p: null } as const;
  if (values.length === 0 || baseline.length === 0) return { estimate: null, low: null, high: null, n: 0, ...rest };
  const [only, ...others] = baseline;
  // One untuned model is a fixed number, as published; its own uncertainty is not in the interval.
  if (only !== undefined && others.length === 0) {
    const seeds = values.map((value, seed) => ({ seed, value, n: 1 }));
    return { ...differenceFromFixed(seeds, only, options), ...rest };
  }
  return { ...bootstrapDifference(values, baseline, options), n: values.length + baseline.length, ...rest };
}

/** A test that cannot fall below this shows nothing, however large the difference: its p-value is left out. */
const SMALL = 0.05;

export const withoutMuteTest = (change: Change): Change =>
  (change.leastP ?? 0) > SMALL ? { ...change, p: null } : change;

/** Adds Holm's correction over the rates of all groups that have a p-value; one that it keeps above .05 is left out. */
export function withHolm<T extends { readonly change?: { readonly rate: Change } }>(groups: readonly T[]): T[] {
  const compared = groups.filter(({ change }) => change?.rate.p != null);
  const adjusted = holm(compared.map(({ change }) => change?.rate.p as number));
  const least = holm(compared.map(({ change }) => change?.rate.leastP ?? 0));
  return groups.map((group) => {
    const at = compared.indexOf(group);
    if (at < 0 || group.change === undefined) return group;
    const corrected = (least[at] as number) > SMALL ? { p: null } : { pHolm: adjusted[at] as number };
    return { ...group, change: { ...group.change, rate: { ...group.change.rate, ...corrected } } };
  });
}
