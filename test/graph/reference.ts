// The operators of src/graph/operators/network.ts and indexing.ts as plain loops over a float64 tape.
import type { Scalar, Tape } from "./tape.js";

/** Rows of numbers. */
export type Matrix = readonly (readonly Scalar[])[];

export function matrix(flat: readonly Scalar[], width: number): Scalar[][] {
  return Array.from({ length: flat.length / width }, (_, i) => flat.slice(i * width, (i + 1) * width));
}

export const transposed = (m: Matrix): Scalar[][] => (m[0] ?? []).map((_, i) => m.map((row) => row[i] as Scalar));

/** a · bᵀ */
export function product(t: Tape, a: Matrix, b: Matrix): Scalar[][] {
  return a.map((row) => b.map((column) => t.dot(row, column)));
}

export function addRows(t: Tape, a: readonly Scalar[], b: readonly Scalar[]): Scalar[] {
  return a.map((x, i) => t.add(x, b[i] as Scalar));
}

export function rmsNormalize(t: Tape, x: readonly Scalar[], epsilon: number): Scalar[] {
  const meanSquare = t.scale(t.dot(x, x), 1 / x.length);
  const inverse = t.power(t.add(meanSquare, t.number(epsilon)), -0.5);
  return x.map((v) => t.multiply(v, inverse));
}

export const silu = (t: Tape, x: Scalar): Scalar => t.multiply(x, t.sigmoid(x));

export function swiglu(t: Tape, x: readonly Scalar[]): Scalar[] {
  const half = x.length / 2;
  return x.slice(0, half).map((gate, i) => t.multiply(silu(t, gate), x[half + i] as Scalar));
}

const tanh = (t: Tape, x: Scalar): Scalar => t.subtract(t.scale(t.sigmoid(t.scale(x, 2)), 2), t.number(1));

export const softCap = (t: Tape, x: Scalar, cap: number): Scalar => t.scale(tanh(t, t.scale(x, 1 / cap)), cap);

/** ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))) */
function gelu(t: Tape, x: Scalar): Scalar {
  const inner = t.add(x, t.scale(t.multiply(t.multiply(x, x), x), 0.044715));
  return t.scale(t.multiply(x, t.add(tanh(t, t.scale(inner, Math.sqrt(2 / Math.PI))), t.number(1))), 0.5);
}

export function geglu(t: Tape, x: readonly Scalar[]): Scalar[] {
  const half = x.length / 2;
  return x.slice(0, half).map((gate, i) => t.multiply(gelu(t, gate), x[half + i] as Scalar));
}

export function softmax(t: Tape, x: readonly Scalar[]): Scalar[] {
  const most = Math.max(...t.values(x));
  const powers = x.map((v) => t.exponential(t.subtract(v, t.number(most))));
  const inverse = t.power(t.sum(powers), -1);
  return powers.map((p) => t.multiply(p, inverse));
}

export const logSoftmax = (t: Tape, x: readonly Scalar[]): Scalar[] => softmax(t, x).map(t.logarithm);

/** One head's vector turned by the angles of `position`: pairs are (i, i + D/2). */
export function rotary(t: Tape, x: readonly Scalar[], position: number, theta: number): Scalar[] {
  const half = x.length / 2;
  const turned: Scalar[] = [];
  for (let i = 0; i < half; i++) {
    const angle = position * theta ** (-(2 * i) / x.length);
    const [a, b] = [x[i] as Scalar, x[i + half] as Scalar];
    turned[i] = t.subtract(t.scale(a, Math.cos(angle)), t.scale(b, Math.sin(angle)));
    turned[i + half] = t.add(t.scale(b, Math.cos(angle)), t.scale(a, Math.sin(angle)));
  }
  return turned;
}

/** One head. q [T, D]; k, v [S, D]; `sees(query, key)` says where a query may look. */
export function attention(
  t: Tape,
  q: Matrix,
  k: Matrix,
  v: Matrix,
  sees: (query: number, key: number) => boolean,
): Scalar[][] {
  const scale = 1 / Math.sqrt((q[0] as readonly Scalar[]).length);
  return q.map((query, i) => {
    const visible = k.flatMap((_, j) => (sees(i, j) ? [j] : []));
    const weights = softmax(
      t,
      visible.map((j) => t.scale(t.dot(query, k[j] as readonly Scalar[]), scale)),
    );
    return query.map((_, d) => t.sum(visible.map((j, n) => t.multiply(weights[n] as Scalar, v[j]?.[d] as Scalar))));
  });
}

/** Σ wᵢ (−log softmax(hᵢ Eᵀ)[tᵢ]) / Σ wᵢ */
export function readoutCrossEntropy(
  t: Tape,
  hidden: Matrix,
  table: Matrix,
  targets: readonly number[],
  weights: readonly number[],
): Scalar {
  const total = weights.reduce((sum, w) => sum + w, 0);
  const terms = product(t, hidden, table).map((logits, i) =>
    t.scale(logSoftmax(t, logits)[targets[i] as number] as Scalar, -(weights[i] as number) / total),
  );
  return t.sum(terms);
}
