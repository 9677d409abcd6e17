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
import { seedShares, sumOf, type RateName } from "./rates.js";

/** A difference in [-1, 1]: the score minus the baseline. */
export interface Difference extends Estimate {
  /**
   * What `low` and `high` are: `pairs`, a percentile bootstrap over seeds that both sides have; `seeds`, one over the
   * seeds of each side; `answers`, Newcombe's interval over answers; `rows`, a percentile bootstrap over rows of values.
   */
  readonly interval: "pairs" | "seeds" | "answers" | "rows";
  /** Two-sided: the sign-flip test over pairs, or Fisher's over answers; null where neither can be had. */
  readonly p: number | null;
  /** `p` corrected by Holm for the number of groups compared. */
  readonly pHolm?: number | null;
}

export interface Change {
  readonly rate: Difference;
  readonly rateOfAll: Difference;
}

export function changeOf(cells: readonly Cell[], baseline: readonly Cell[], options: BootstrapOptions): Change {
  return {
    rate: differenceOf(cells, baseline, "rate", options),
    rateOfAll: differenceOf(cells, baseline, "rateOfAll", options),
  };
}

function differenceOf(
  cells: readonly Cell[],
  baseline: readonly Cell[],
  name: RateName,
  options: BootstrapOptions,
): Difference {
  const [shares, base] = [seedShares(cells, name), seedShares(baseline, name)];
  const paired = pairedDifference(shares, base, options);
  if (paired.pairs > 1) return { ...pick(paired), interval: "pairs", p: paired.p };
  const [values, baseValues] = [shares, base].map((side) => side.flatMap(({ value }) => value ?? []));
  if (values !== undefined && baseValues !== undefined && values.length > 1 && baseValues.length > 1) {
    const n = sumOf(shares).n + sumOf(base).n;
    return { ...bootstrapDifference(values, baseValues, options), n, interval: "seeds", p: null };
  }
  const [a, b] = [sumOf(shares), sumOf(base)];
  const p = a.n > 0 && b.n > 0 ? fisherTest(a, b) : null;
  return { ...pick(shareDifference(a, b, options.confidence)), interval: "answers", p };
}

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

/** Adds Holm's correction over the rates of all groups that have a p-value. */
export function withHolm<T extends { readonly change?: Change }>(groups: readonly T[]): T[] {
  const tested = groups.filter(({ change }) => change?.rate.p != null);
  const adjusted = holm(tested.map(({ change }) => change?.rate.p as number));
  return groups.map((group) => {
    const at = tested.indexOf(group);
    if (at < 0 || group.change === undefined) return group;
    return { ...group, change: { ...group.change, rate: { ...group.change.rate, pHolm: adjusted[at] as number } } };
  });
}
