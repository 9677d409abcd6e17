/**
 * Attention over long texts, some queries at a time: its memory then grows with a text's length and not with the square.
 * Key: B batch, H heads, K key-value heads, G = H/K, T time, t queries of a part, D head width.
 */
import {
  attention,
  concatenate,
  reshape,
  single,
  split,
  type AttentionOptions,
  type Value,
} from "../../graph/index.js";
import { HIDDEN } from "./positions.js";

/** Scores that are made at once: 2²⁴ float32 numbers are 64 MiB, of which the runtime holds three. */
const MOST_SCORES = 2 ** 24;
const FEWEST_QUERIES = 16;

/** Whether texts are so long that their scores are made in parts. */
export const isLong = (batch: number, heads: number, time: number): boolean =>
  batch * heads * time * time > MOST_SCORES;

/**
 * As {@link attention} with a causal mask over one text a row.
 * @param queries [B, H, T, D]; keys and values [B, K, T, D]
 * @param window how many tokens back a query sees, itself included
 * @returns [B, H, T, D]
 */
export function attentionInParts(
  queries: Value,
  keys: Value,
  values: Value,
  window: number,
  options: AttentionOptions,
): Value {
  const [batch, heads, time, width] = queries.shape as [number, number, number, number];
  const groups = keys.shape[1] as number;
  const most = Math.max(FEWEST_QUERIES, Math.floor(MOST_SCORES / (batch * heads * time)));
  const sizes = Array.from({ length: Math.ceil(time / most) }, (_, i) => Math.min(most, time - i * most));
  const parts = split(queries, sizes, 2).map((part, i) => {
    const own = sizes[i] as number;
    const from = i * most;
    const first = Math.max(0, from + 1 - window);
    const seen = (x: Value): Value => between(x, first, from + own);
    const grouped = reshape(part, [batch, groups, (heads / groups) * own, width]);
    const mask = causal(part, heads / groups, from, own, first, window);
    return reshape(attention(grouped, seen(keys), seen(values), mask, options), [batch, heads, own, width]);
  });
  return concatenate(parts, 2);
}

/** Positions from `from` to before `to` of x [B, K, T, D]. */
function between(x: Value, from: number, to: number): Value {
  const time = x.shape[2] as number;
  const sizes = [from, to - from, time - to];
  return split(
    x,
    sizes.filter((size) => size > 0),
    2,
  )[from > 0 ? 1 : 0] as Value;
}

/** [1, 1, G·t, keys]: made by the graph, because as a constant it would be the largest part of the model. */
function causal(like: Value, each: number, from: number, queries: number, first: number, window: number): Value {
  const { graph } = like;
  const rows = each * queries;
  const keys = from + queries - first;
  const shape = [1, 1, rows, keys];
  const placeOf = (row: number): number => from + (row % queries);
  const column = (shift: number): Value =>
    graph.constant(
      Int32Array.from({ length: rows }, (_, row) => placeOf(row) + shift),
      [1, 1, rows, 1],
    );
  const places = graph.constant(
    Int32Array.from({ length: keys }, (_, key) => first + key),
    [1, 1, 1, keys],
  );
  const less = (a: Value, b: Value): Value => single("Less", [a, b], shape, {}, "", "bool");
  const before = less(places, column(1));
  const visible =
    window >= from + queries ? before : single("And", [before, less(column(-window), places)], shape, {}, "", "bool");
  return single("Where", [visible, graph.scalar(0), graph.scalar(HIDDEN)], shape);
}
