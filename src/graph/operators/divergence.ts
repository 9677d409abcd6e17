/** How far a linear read-out is from given distributions. */
import { GraphError, last, sameShape, show, single, type Value } from "../graph.js";
import { divide, exponential, multiply, subtract, sum } from "./arithmetic.js";
import { capped } from "./cap.js";
import { gemm } from "./linear.js";
import { reshape } from "./shape.js";

/**
 * Weighted Kullback-Leibler divergence of a read-out from a reference, Σ wᵢ KL(pᵢ ‖ softmax(hᵢ Eᵀ)) / Σ wᵢ, in nats.
 * Key: L positions, W width, V vocabulary. hidden [L, W], table [V, W], reference [L, V]: natural logarithms of pᵢ, all
 * finite, and without a gradient; weights [L]. With a cap, logits x become cap · tanh(x / cap).
 */
export function readoutDivergence(hidden: Value, table: Value, reference: Value, weights: Value, cap?: number): Value {
  const [count] = hidden.shape as [number];
  const wanted = [count, table.shape[0] as number];
  if (hidden.shape.length !== 2 || last(hidden.shape) !== last(table.shape) || !sameShape(reference.shape, wanted)) {
    throw new GraphError(
      `readoutDivergence: hidden ${show(hidden.shape)}, table ${show(table.shape)} and reference ${show(reference.shape)} do not fit`,
    );
  }
  if (!sameShape(weights.shape, [count])) {
    throw new GraphError(`readoutDivergence: expected weights [${count}], found ${show(weights.shape)}`);
  }
  const graph = hidden.graph;
  const mark = graph.tape.length;
  const { y: logits, slope } = capped(gemm(hidden, table, { transB: true }), cap);
  const found = single("LogSoftmax", [logits], logits.shape, { axis: -1 }); // [L, V]
  const p = exponential(reference);
  const shares = reshape(divide(weights, sum(weights)), [count, 1]);
  const divergence = sum(multiply(multiply(p, subtract(reference, found)), shares));
  graph.tape.length = mark;
  graph.differentiable([hidden, table], [divergence], ([g]) => {
    if (!g) return [];
    // d KL / d logits = softmax − p, of which the share goes onto what is narrower.
    const excess = slope(subtract(exponential(found), p));
    const share = multiply(shares, g);
    return [multiply(gemm(excess, table), share), gemm(excess, multiply(hidden, share), { transA: true })];
  });
  return divergence;
}
