/** Keeping few numbers of many: the activation functions of sparse autoencoders. */
import { GraphError, last, show, single, type Value } from "../graph.js";
import { reshape } from "./shape.js";

/** Keeps a threshold above zero, so that what is kept is positive and a rectifier is not needed. */
const SMALLEST = 1e-6;

/** The k-th largest number of every row of x [..., W] → [..., 1]. Carries no gradient. */
export function kthLargest(x: Value, k: number): Value {
  const width = last(x.shape);
  if (x.shape.length === 0 || !Number.isInteger(k) || k < 1 || k > width) {
    throw new GraphError(`kthLargest: k must be a whole number from 1 to ${width} for ${show(x.shape)}, found ${k}`);
  }
  const leading = x.shape.slice(0, -1);
  const [values] = x.graph.node(
    "TopK",
    [x, x.graph.integers([k])],
    [{ shape: [...leading, k] }, { shape: [...leading, k], type: "int64" }],
    { axis: -1, largest: 1, sorted: 0 },
  ) as [Value, Value];
  return single("ReduceMin", [values], [...leading, 1], { axes: [-1], keepdims: 1 });
}

/**
 * x where x ≥ max(threshold, 10⁻⁶) and 0 elsewhere: JumpReLU (Rajamanoharan et al. 2024). The gradient goes to what is
 * kept; the threshold, which must broadcast to x, has none.
 */
export function keepAtLeast(x: Value, threshold: Value): Value {
  const floor = single("Max", [threshold, x.graph.scalar(SMALLEST)], threshold.shape);
  const kept = single("GreaterOrEqual", [x, floor], x.shape, {}, "", "bool");
  const zero = x.graph.scalar(0);
  const y = single("Where", [kept, x, zero], x.shape);
  x.graph.differentiable([x], [y], ([g]) => (g ? [single("Where", [kept, g, zero], x.shape)] : []));
  return y;
}

/** The positive ones among the k largest numbers of every row, and 0 elsewhere (Gao et al. 2024); equals stay together. */
export const keepLargest = (x: Value, k: number): Value => keepAtLeast(x, kthLargest(x, k));

/**
 * The threshold that leaves k numbers a row on average over all rows of x [N, W] (Bussmann et al. 2024): a scalar.
 * Looks at the `most` largest of each row alone (default 2k), so a row that has more of the N·k largest counts for less.
 */
export function batchThreshold(x: Value, k: number, most = Math.min(2 * k, last(x.shape))): Value {
  const [count] = x.shape as [number];
  if (x.shape.length !== 2) throw new GraphError(`batchThreshold: expected [N, W], found ${show(x.shape)}`);
  if (most < k || most > last(x.shape)) {
    throw new GraphError(`batchThreshold: expected from ${k} to ${last(x.shape)} of each row, found ${most}`);
  }
  const [largest] = x.graph.node(
    "TopK",
    [x, x.graph.integers([most])],
    [{ shape: [count, most] }, { shape: [count, most], type: "int64" }],
    { axis: -1, largest: 1, sorted: 0 },
  ) as [Value, Value];
  return reshape(kthLargest(reshape(largest, [count * most]), count * k), []);
}

/** 1 where x > bound and 0 elsewhere, of x's shape; carries no gradient. */
export function exceeds(x: Value, bound: number): Value {
  const greater = single("Greater", [x, x.graph.scalar(bound)], x.shape, {}, "", "bool");
  return single("Cast", [greater], x.shape, { to: 1 });
}

/** The same numbers, through which no gradient flows. */
export const detached = (x: Value): Value => single("Identity", [x], x.shape);
