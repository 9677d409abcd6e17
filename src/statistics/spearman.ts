/**
 * Spearman's correlation: Pearson's of the ranks, ties at the mean of their places.
 *
 * Source: C. Spearman, "The Proof and Measurement of Association between Two Things" (1904).
 */
import { correlation } from "./correlation.js";

/** Null with fewer than two pairs, or where a list does not vary. */
export function spearman(xs: readonly number[], ys: readonly number[]): number | null {
  return correlation(ranks(xs), ranks(ys)).estimate;
}

/** From 1; equal values share the mean of their places. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).toSorted((a, b) => (values[a] as number) - (values[b] as number));
  const found = Array.from<number>({ length: values.length });
  for (let from = 0; from < order.length;) {
    let end = from + 1;
    while (end < order.length && values[order[end] as number] === values[order[from] as number]) end++;
    for (const at of order.slice(from, end)) found[at] = (from + end + 1) / 2;
    from = end;
  }
  return found;
}
