/**
 * From one value a seed to one estimate: seeds are the independent units of a study, answers are repeats within them.
 */
import { bootstrapInterval, type BootstrapOptions } from "./bootstrap.js";
import { noEstimate, type Estimate } from "./estimate.js";
import { sumOfShares, type Share } from "./two-shares.js";
import { wilson } from "./wilson.js";

/** What names a seed: its number, or a string such as a model's id. */
export type Seed = number | string;

/** One seed's value, and how many observations it rests on. */
export interface SeedValue {
  seed: Seed;
  /** The value; null where nothing was observed. */
  value: number | null;
  /** Observations behind the value; 0 exactly where the value is null. */
  n: number;
}

/** One seed's share of hits. */
export interface SeedShare extends SeedValue {
  hits: number;
}

/** The share `hits / n` of one seed; null when n = 0. */
export function seedShare(seed: Seed, hits: number, n: number): SeedShare {
  return { seed, hits, n, value: wilson(hits, n).estimate };
}

/**
 * The mean over seeds, each seed counting the same, with the percentile bootstrap over seeds. Seeds with nothing
 * observed are left out; `n` is the sum of the others' observations. The order of `values` does not matter.
 *
 * The interval answers: what would other seeds have given? It holds the noise of sampling answers only as far as that
 * shows between seeds. With fewer than about 6 seeds it is too narrow (see `bootstrapInterval`), and with one it
 * collapses, so print `pooledWilson` or `studentInterval` beside it.
 */
export function meanOverSeeds(values: readonly SeedValue[], options: BootstrapOptions = {}): Estimate {
  const observed = observedValues("meanOverSeeds", values);
  if (observed.length === 0) return noEstimate();
  return {
    ...bootstrapInterval(
      observed.map(({ value }) => value),
      options,
    ),
    n: observed.reduce((sum, { n }) => sum + n, 0),
  };
}

/**
 * All seeds' observations in one share with Wilson's interval. It answers: how well is the share of these very models
 * known? It holds the noise of sampling answers and nothing of how seeds, questions or paraphrases differ, so it is too
 * narrow for a statement about the condition. Seeds count by their observations, so the estimate may differ a little
 * from `meanOverSeeds`.
 */
export function pooledWilson(shares: readonly Readonly<Share>[], confidence = 0.95): Estimate {
  const { hits, n } = sumOfShares(shares);
  return wilson(hits, n, confidence);
}

/** The seeds with an observation, in ascending order of their names, each at most once. */
export function observedValues(
  caller: string,
  values: readonly SeedValue[],
): { seed: Seed; value: number; n: number }[] {
  const observed: { seed: Seed; value: number; n: number }[] = [];
  const seen = new Set<Seed>();
  for (const { seed, value, n } of values) {
    if (seen.has(seed)) throw new RangeError(`${caller}: each seed must come once, found seed ${seed} again`);
    seen.add(seed);
    if (!Number.isInteger(n) || n < 0 || (value === null) !== (n === 0)) {
      throw new RangeError(
        `${caller}: seed ${seed} must have n >= 1 and a value, or n = 0 and null, found ${value} of ${n}`,
      );
    }
    if (value !== null) observed.push({ seed, value, n });
  }
  return observed.toSorted((a, b) => compareSeeds(a.seed, b.seed));
}

/** Numbers in ascending order, then strings in ascending order. */
export function compareSeeds(a: Seed, b: Seed): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return a < b ? -1 : Number(a > b);
}
