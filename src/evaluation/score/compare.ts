/** A score beside its baseline. */
import {
  bootstrapDifference,
  differenceFromFixed,
  fisherTest,
  holm,
  pairedDifference,
  shareDifference,
  type BootstrapOptions,
  type Estimate,
} from "../../statistics/index.js";
import type { Cell } from "./counts.js";
import { seedShares, sumOf, type RateName, type RateOptions } from "./rates.js";

/** A difference in [-1, 1]: the score minus the baseline. */
export interface Difference extends Estimate {
  /**
   * What `low` and `high` are: `pairs`, a percentile bootstrap over seeds that both sides have; `seeds`, one over the
   * seeds of each side; `answers`, Newcombe's interval over answers; `rows`, a percentile bootstrap over rows of values.
   */
  readonly interval: "pairs" | "seeds" | "answers" | "rows";
  /**
   * Two-sided: the sign-flip test over pairs, or Fisher's over answers; null where neither can be had, and where it
   * could not fall below .05 however large the difference: of 3 pairs of seeds it is .25 at the least.
   */
  readonly p: number | null;
  /** The least that `p` could be. */
  readonly leastP?: number;
  /** `p` corrected by Holm for the number of groups compared. */
  readonly pHolm?: number | null;
}

export interface Change {
  readonly rate: Difference;
  readonly rateOfAll: Difference;
}

export function changeOf(cells: readonly Cell[], baseline: readonly Cell[], options: RateOptions): Change {
  return {
    rate: differenceOf(cells, baseline, "rate", options),
    rateOfAll: differenceOf(cells, baseline, "rateOfAll", options),
  };
}

function differenceOf(
  cells: readonly Cell[],
  baseline: readonly Cell[],
  name: RateName,
  options: RateOptions,
): Difference {
  const [shares, base] = [seedShares(cells, name, options), seedShares(baseline, name, options)];
  const paired = pairedDifference(shares, base, options);
  if (paired.pairs > 1) return { ...pick(paired), interval: "pairs", ...tested(paired.p, 2 / 2 ** paired.pairs) };
  const [values, baseValues] = [shares, base].map((side) => side.flatMap(({ value }) => value ?? []));
  if (values !== undefined && baseValues !== undefined && values.length > 1 && baseValues.length > 1) {
    const n = sumOf(shares).n + sumOf(base).n;
    return { ...bootstrapDifference(values, baseValues, options), n, interval: "seeds", p: null };
  }
  const [a, b] = [sumOf(shares), sumOf(base)];
  const difference = pick(shareDifference(a, b, options.confidence));
  if (a.n === 0 || b.n === 0) return { ...difference, interval: "answers", p: null };
  const least = fisherTest({ hits: a.n, n: a.n }, { hits: 0, n: b.n });
  return { ...difference, interval: "answers", ...tested(fisherTest(a, b), least) };
}

const SMALL = 0.05;

const tested = (p: number | null, leastP: number): Pick<Difference, "p" | "leastP"> => ({
  p: leastP > SMALL ? null : p,
  leastP,
});

const pick = ({ estimate, low, high, n }: Estimate): Estimate => ({ estimate, low, high, n });

/** Of values that stand for themselves, one a row, such as one published rate a model. */
export function valueChange(
  values: readonly number[],
  baseline: readonly number[],
  options: BootstrapOptions,
): Difference {
  const rest = { interval: "rows", p: null } as const;
  if (values.length === 0 || baseline.length === 0) return { estimate: null, low: null, high: null, n: 0, ...rest };
  const [only] = baseline;
  // One untuned model is a fixed number, as published; its own uncertainty is not in the interval.
  if (baseline.length === 1 && only !== undefined) {
    return {
      ...differenceFromFixed(
        values.map((value, seed) => ({ seed, value, n: 1 })),
        only,
        options,
      ),
      ...rest,
    };
  }
  return { ...bootstrapDifference(values, baseline, options), n: values.length + baseline.length, ...rest };
}

/** Adds Holm's correction over the rates of all groups that have a p-value; one that it keeps above .05 is left out. */
export function withHolm<T extends { readonly change?: Change }>(groups: readonly T[]): T[] {
  const compared = groups.filter(({ change }) => change?.rate.p != null);
  const adjusted = holm(compared.map(({ change }) => change?.rate.p as number));
  const least = holm(compared.map(({ change }) => change?.rate.leastP ?? 0));
  return groups.map((group) => {
    const at = compared.indexOf(group);
    if (at < 0 || group.change === undefined) return group;
    const { rate } = group.change;
    const corrected = (least[at] as number) > SMALL ? { p: null } : { pHolm: adjusted[at] as number };
    return { ...group, change: { ...group.change, rate: { ...rate, ...corrected } } };
  });
}
