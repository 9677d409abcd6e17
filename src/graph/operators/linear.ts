/** Matrix products: where nearly all the arithmetic of a language model is. */
import { GraphError, last, rows, sameShape, show, single, type Value } from "../graph.js";
import { add, multiply, sum } from "./arithmetic.js";
import { reshape } from "./shape.js";

/**
 * y = x Wᵀ (+ what is given). Dimension key: ... leading axes, I inputs, O outputs.
 * x [..., I], weight [O, I], plus [O] (a bias) or [..., O] (a residual stream) → [..., O].
 */
export function linear(x: Value, weight: Value, plus?: Value): Value {
  const [outputs, inputs] = weight.shape as [number, number];
  if (weight.shape.length !== 2 || last(x.shape) !== inputs) {
    throw new GraphError(
      `linear: x ${show(x.shape)} does not fit weight ${show(weight.shape)}, expected [..., ${inputs}]`,
    );
  }
  const shape = [...x.shape.slice(0, -1), outputs];
  if (plus && !sameShape(plus.shape, [outputs]) && !sameShape(plus.shape, shape)) {
    throw new GraphError(`linear: ${show(plus.shape)} cannot be added, expected [${outputs}] or ${show(shape)}`);
  }
  const count = rows(x.shape);
  const flat = reshape(x, [count, inputs]);
  const product = gemm(flat, weight, { transB: true });
  x.graph.differentiable([flat, weight], [product], ([g]) =>
    g ? [gemm(g, weight), gemm(g, flat, { transA: true })] : [],
  );
  // Not inside the Gemm, which first copies what is added, on one thread.
  const y = plus ? add(product, plus.shape.length === 1 ? plus : reshape(plus, [count, outputs])) : product;
  return reshape(y, shape);
}

export interface GemmOptions {
  readonly transA?: boolean;
  readonly transB?: boolean;
}

/** op(a) · op(b) of two matrices, without a rule for differentiation. */
export function gemm(a: Value, b: Value, { transA = false, transB = false }: GemmOptions = {}): Value {
  const m = a.shape[transA ? 1 : 0] as number;
  const n = b.shape[transB ? 0 : 1] as number;
  if (a.shape.length !== 2 || b.shape.length !== 2 || a.shape[transA ? 0 : 1] !== b.shape[transB ? 1 : 0]) {
    throw new GraphError(
      `gemm: ${show(a.shape)}${transA ? "ᵀ" : ""} and ${show(b.shape)}${transB ? "ᵀ" : ""} do not fit`,
    );
  }
  return single("Gemm", [a, widened(b)], [m, n], { transA: transA ? 1 : 0, transB: transB ? 1 : 0 });
}

/** float16 → float32, anew for every product: a matrix is float32 for no longer than that. */
export function widened(x: Value): Value {
  if (x.type !== "float16") return x;
  x.graph.repeats = true;
  return single("Cast", [x], x.shape, { to: 1 });
}

export interface MatmulOptions {
  /** Swap the last two axes of a (of b) first. */
  readonly transA?: boolean;
  readonly transB?: boolean;
  /** The product is multiplied by this; default 1. */
  readonly scale?: number;
}

/** Batched product over the last two axes; the leading axes must be equal. [..., M, K] · [..., K, N] → [..., M, N]. */
export function matmul(a: Value, b: Value, options: MatmulOptions = {}): Value {
  const { transA = false, transB = false, scale = 1 } = options;
  const c = rawMatmul(a, b, options);
  a.graph.differentiable([a, b], [c], ([g]) => {
    if (!g) return [];
    return [
      transA ? rawMatmul(b, g, { transA: transB, transB: true, scale }) : rawMatmul(g, b, { transB: !transB, scale }),
      transB ? rawMatmul(g, a, { transA: true, transB: transA, scale }) : rawMatmul(a, g, { transA: !transA, scale }),
    ];
  });
  return c;
}

export function rawMatmul(
  a: Value,
  b: Value,
  { transA = false, transB = false, scale = 1 }: MatmulOptions = {},
): Value {
  const rank = a.shape.length;
  const [m, k] = (transA ? [a.shape[rank - 1], a.shape[rank - 2]] : [a.shape[rank - 2], a.shape[rank - 1]]) as [
    number,
    number,
  ];
  const [l, n] = (transB ? [b.shape[rank - 1], b.shape[rank - 2]] : [b.shape[rank - 2], b.shape[rank - 1]]) as [
    number,
    number,
  ];
  if (rank < 2 || b.shape.length !== rank || k !== l || !sameShape(a.shape.slice(0, -2), b.shape.slice(0, -2))) {
    throw new GraphError(
      `matmul: ${show(a.shape)}${transA ? "ᵀ" : ""} and ${show(b.shape)}${transB ? "ᵀ" : ""} do not fit`,
    );
  }
  const attributes = { transA: transA ? 1 : 0, transB: transB ? 1 : 0, alpha: { float: scale } };
  return single("FusedMatMul", [a, b], [...a.shape.slice(0, -2), m, n], attributes, "com.microsoft");
}

/** Row-wise dot product of two equal shapes, the last axis kept with size 1. */
export function rowDot(a: Value, b: Value): Value {
  return sum(multiply(a, b), [a.shape.length - 1], true);
}
