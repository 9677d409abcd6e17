/**
 * Products of few rows with a large matrix, as decoding has them. The runtime packs the matrix on the right of a product,
 * which for few rows costs as much as the product; so the matrix goes to the left, and rows become columns: W xᵀ.
 * Each number is then added up in the same order whatever else is in the batch and however many threads compute it.
 * Key: B rows, b rows of one product, I inputs, O outputs.
 */
import { single, type Value } from "../graph.js";
import { widened } from "./linear.js";
import { concatenate, reshape, split, transpose } from "./shape.js";

/** Most columns of one product: the runtime adds more of them up in other blocks of inputs. */
const COLUMNS = 32;
/** Up to this many inputs are one block however many columns there are, from two on. */
const BLOCK = 512;
/** Fewest columns that are added up in the blocks that COLUMNS are. */
const FEWEST = 17;

/** x Wᵀ. x [B, I], weight [O, I] → [B, O]. */
export const rowsTimes = (x: Value, weight: Value): Value =>
  inColumns(x, 0, (part, isColumns) => timesColumns(weight, part, isColumns));

/** W · columns. weight [O, I]; x [I, b] where it `isColumns`, else [b, I] → [O, b]. */
export const timesColumns = (weight: Value, x: Value, isColumns: boolean): Value =>
  single("Gemm", [widened(weight), x], [weight.shape[0] as number, x.shape[isColumns ? 1 : 0] as number], {
    transB: isColumns ? 0 : 1,
  });

/**
 * Applies products to rows x [B, I], some at a time.
 * @param inner inputs of the widest product inside
 * @param apply [b, I] (its second argument says that these are no columns) → [O, b]
 * @returns [B, O]
 */
export function inColumns(x: Value, inner: number, apply: (part: Value, isColumns: boolean) => Value): Value {
  const [rows, inputs] = x.shape as [number, number];
  const portions = Math.ceil(rows / COLUMNS);
  const size = Math.ceil(rows / portions);
  const sizes = Array.from({ length: portions }, (_, i) => Math.min(size, rows - i * size));
  const fewest = Math.max(inputs, inner) > BLOCK ? FEWEST : 2;
  const parts = split(x, sizes, 0).map((part, i) => {
    const own = sizes[i] as number;
    const missing = Math.max(0, fewest - own);
    const filled = missing > 0 ? concatenate([part, nothing(part, missing)], 0) : part;
    const result = asRows(apply(filled, false));
    return missing > 0 ? (split(result, [own, missing], 0)[0] as Value) : result;
  });
  return concatenate(parts, 0);
}

const nothing = (like: Value, rows: number): Value => {
  const shape = [rows, like.shape[1] as number];
  return like.graph.constant(new Float32Array(rows * (like.shape[1] as number)), shape);
};

/** [O, b] → [b, O]. The runtime would turn a transposed product around again, so it is not to see that this is one. */
function asRows(x: Value): Value {
  const [outputs, rows] = x.shape as [number, number];
  return reshape(transpose(reshape(x, [1, outputs, rows]), [0, 2, 1]), [rows, outputs]);
}

/**
 * a · b of each row with the matrix of its group, one row at a time: nothing is packed for that.
 * a [B, K, G, M], b [B, K, M, N] → [B, K, G, N].
 */
export function eachTimes(a: Value, b: Value): Value {
  const [rows, groups, each, inner] = a.shape as [number, number, number, number];
  const outputs = b.shape[3] as number;
  const product = single(
    "MatMul",
    [reshape(a, [rows, groups, each, 1, inner]), reshape(b, [rows, groups, 1, inner, outputs])],
    [rows, groups, each, 1, outputs],
  );
  return reshape(product, [rows, groups, each, outputs]);
}
