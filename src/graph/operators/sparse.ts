/** Keeping few numbers of many: the activation functions of sparse autoencoders. */
import { GraphError, last, show, single, type Value } from "../graph.js";
import { add, expand, multiply, rectify, subtract } from "./arithmetic.js";
import { concatenate, reshape } from "./shape.js";

/** Keeps a threshold above zero, so that what is kept is positive and a rectifier is not needed. */
const SMALLEST = 1e-6;

/** Groups that a row is divided into to bound its k-th largest number, for every one of the k. */
const GROUPS = 2;
/** Numbers of a row for every one of the k, beyond which finding the bound costs more than the heap does. */
const WIDEST = 64;

/**
 * The k-th largest number of every row of x [..., W] → [..., 1]. Carries no gradient.
 *
 * The runtime's TopK keeps a heap of k numbers, and what costs is not looking at a row but putting numbers into the
 * heap: about k ln(W / k) of them when they come in any order. So the heap is filled with a lower bound first. The k-th
 * largest of the maxima of 2 k groups is one, since k numbers of the row reach it, and only half as many again lie above
 * it as are wanted. With 512 rows of 1,024 and k 32 that takes a fifth to a third off; with rows of 2,048 nothing, with
 * 4,096 it costs a tenth, and there the heap is left to itself.
 */
export function kthLargest(x: Value, k: number): Value {
  const width = last(x.shape);
  if (x.shape.length === 0 || !Number.isInteger(k) || k < 1 || k > width) {
    throw new GraphError(`kthLargest: k must be a whole number from 1 to ${width} for ${show(x.shape)}, found ${k}`);
  }
  const groups = GROUPS * k;
  if (k === 1 || width % groups !== 0 || width < 4 * groups || width > WIDEST * k) return leastOfTop(x, k);
  const leading = x.shape.slice(0, -1);
  // Groups of numbers that lie apart: the runtime takes the maximum of many neighbours at once.
  const apart = reshape(x, [...leading, width / groups, groups]);
  const maxima = single("ReduceMax", [apart], [...leading, groups], { axes: [leading.length], keepdims: 0 });
  const bound = leastOfTop(maxima, k);
  return leastOfTop(concatenate([expand(bound, [...leading, k]), x], leading.length), k);
}

function leastOfTop(x: Value, k: number): Value {
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
  // Products with 0 and 1: the runtime's Where takes about three times as long, the cast counted.
  const share = single("Cast", [kept], x.shape, { to: 1 });
  const y = single("Mul", [x, share], x.shape);
  x.graph.differentiable([x], [y], ([g]) => (g ? [single("Mul", [g, share], x.shape)] : []));
  return y;
}

/** The positive ones among the k largest numbers of every row, and 0 elsewhere (Gao et al. 2024); equals stay together. */
export const keepLargest = (x: Value, k: number): Value => keepAtLeast(x, kthLargest(x, k));

/** Halvings of the range of what a threshold may be: it is found to a 2¹⁶th of the largest number. */
const HALVINGS = 16;
/** Numbers that {@link batchThreshold} counts, at most; a pass over all of them would cost what a product does. */
const COUNTED = 2 ** 17;

/**
 * The threshold ≥ 0 that leaves k numbers a row on average over all rows of x [N, W] (Bussmann et al. 2024): a scalar, found
 * by halving. Of a large x only the first rows are counted, as many as hold 2¹⁷ numbers: rows must be in random order.
 * Carries no gradient.
 */
export function batchThreshold(x: Value, k: number): Value {
  const [count, width] = x.shape as [number, number];
  if (x.shape.length !== 2) throw new GraphError(`batchThreshold: expected [N, W], found ${show(x.shape)}`);
  if (!(k > 0 && k <= width)) throw new GraphError(`batchThreshold: expected k from 1 to ${width}, found ${k}`);
  const rows = Math.min(count, Math.ceil(COUNTED / width));
  const { graph } = x;
  const part =
    rows === count
      ? x
      : single("Slice", [x, graph.integers([0]), graph.integers([rows]), graph.integers([0])], [rows, width]);
  const wanted = graph.scalar(rows * k);
  const largest = rectify(single("ReduceMax", [part], [], { keepdims: 0 }));
  let threshold = multiply(largest, graph.scalar(0.5));
  for (let halving = 2; halving <= HALVINGS; halving++) {
    const over = single("GreaterOrEqual", [part, threshold], part.shape, {}, "", "bool");
    const kept = single("ReduceSum", [single("Cast", [over], part.shape, { to: 1 })], [], { keepdims: 0 });
    const way = single("Sign", [subtract(kept, wanted)], []);
    threshold = add(threshold, multiply(way, multiply(largest, graph.scalar(2 ** -halving))));
  }
  return threshold;
}

/** 1 where x > bound and 0 elsewhere, of x's shape; carries no gradient. */
export function exceeds(x: Value, bound: number): Value {
  const greater = single("Greater", [x, x.graph.scalar(bound)], x.shape, {}, "", "bool");
  return single("Cast", [greater], x.shape, { to: 1 });
}

/** 1 where x is not 0, and 0 elsewhere; carries no gradient. */
export const isNonZero = (x: Value): Value =>
  single("Cast", [single("Cast", [x], x.shape, { to: 9 }, "", "bool")], x.shape, { to: 1 });

/** The same numbers, through which no gradient flows. */
export const detached = (x: Value): Value => single("Identity", [x], x.shape);
