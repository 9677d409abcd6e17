/** Rows by number: embedding, its gradient, and the loss on chosen tokens. */
import { GraphError, last, rows, sameShape, show, single, type Shape, type Value } from "../graph.js";
import { divide, multiply, sum } from "./arithmetic.js";
import { capped } from "./cap.js";
import { gemm } from "./linear.js";
import { concatenate, reshape } from "./shape.js";

/** table [V, W], indices [...] int64 → [..., W]. */
export function gatherRows(table: Value, indices: Value): Value {
  if (table.shape.length !== 2) throw new GraphError(`gatherRows: expected a matrix, found ${show(table.shape)}`);
  const taken = single("Gather", [table, indices], [...indices.shape, last(table.shape)], { axis: 0 });
  table.graph.differentiable([table], [taken], ([g]) =>
    g ? [(found) => scatterAddRows(table.shape, indices, g, found)] : [],
  );
  return taken;
}

/**
 * A matrix (of zeros where none is given) to which every row of `values` [..., W] is added at its index.
 * Not ScatterND: the runtime adds its rows on several threads at once, and rows that fall on one index get lost.
 */
export function scatterAddRows(shape: Shape, indices: Value, values: Value, onto?: Value): Value {
  const graph = indices.graph;
  const start = onto ?? single("Expand", [graph.scalar(0), graph.integers(shape)], shape);
  const flat = [rows(values.shape), last(values.shape)];
  const column = reshape(indices, [rows(values.shape), 1]);
  const wide = single("Expand", [column, graph.integers(flat)], flat, {}, "", indices.type);
  return single("ScatterElements", [start, wide, reshape(values, flat)], shape, { axis: 0, reduction: "add" });
}

/**
 * Rows of x [N, W] at `positions` [L], where none is taken twice (but for rows nobody uses): `places` [N] says where
 * in the result each row of x went, L for nowhere. A gradient is then only moved, not added up.
 */
export function takeRows(x: Value, positions: Value, places: Value): Value {
  const [count, width] = x.shape as [number, number];
  if (x.shape.length !== 2 || positions.shape.length !== 1 || !sameShape(places.shape, [count])) {
    throw new GraphError(
      `takeRows: x ${show(x.shape)} needs positions [L] and places [${count}], found ${show(positions.shape)} and ${show(places.shape)}`,
    );
  }
  const taken = single("Gather", [x, positions], [...positions.shape, width], { axis: 0 });
  x.graph.differentiable([x], [taken], ([g]) => {
    if (!g) return [];
    const nothing = x.graph.constant(new Float32Array(width), [1, width]);
    return [single("Gather", [concatenate([g, nothing], 0), places], x.shape, { axis: 0 })];
  });
  return taken;
}

/** int32 → int64, which ONNX's indexing wants. */
export function toInt64(x: Value): Value {
  return single("Cast", [x], x.shape, { to: 7 }, "", "int64");
}

const SMALLEST = 1e-37; // keeps log finite where a float32 probability underflows: the loss of a token is at most 85

/**
 * Weighted cross-entropy of a linear read-out, Σ wᵢ (−log softmax(hᵢ Eᵀ)[tᵢ]) / Σ wᵢ.
 * Key: L positions that carry loss, W width, V vocabulary. hidden [L, W], table [V, W], targets [L] int64, weights [L].
 * With a cap, logits x become cap · tanh(x / cap).
 * Returns the scalar loss and the log-probability of every target, [L].
 */
export function readoutCrossEntropy(
  hidden: Value,
  table: Value,
  targets: Value,
  weights: Value,
  cap?: number,
): { loss: Value; logProbabilities: Value } {
  const count = hidden.shape[0] as number;
  if (hidden.shape.length !== 2 || last(hidden.shape) !== last(table.shape) || targets.shape[0] !== count) {
    throw new GraphError(
      `readoutCrossEntropy: hidden ${show(hidden.shape)}, table ${show(table.shape)} and targets ${show(targets.shape)} do not fit`,
    );
  }
  if (!sameShape(weights.shape, targets.shape)) {
    throw new GraphError(
      `readoutCrossEntropy: weights ${show(weights.shape)} and targets ${show(targets.shape)} do not fit`,
    );
  }
  const graph = hidden.graph;
  const mark = graph.tape.length;
  const { y: logits, slope } = capped(gemm(hidden, table, { transB: true }), cap);
  const probabilities = single("Softmax", [logits], logits.shape, { axis: -1 }); // [L, V]
  const column = reshape(targets, [count, 1]);
  const chosen = single("GatherElements", [probabilities, column], [count, 1], { axis: 1 });
  const logProbabilities = reshape(
    single("Log", [single("Max", [chosen, graph.scalar(SMALLEST)], [count, 1])], [count, 1]),
    [count],
  );
  const shares = divide(weights, sum(weights)); // [L]
  const loss = single("Neg", [sum(multiply(shares, logProbabilities))], []);
  graph.tape.length = mark;
  graph.differentiable([hidden, table], [loss], ([g]) => {
    if (!g) return [];
    // d loss / d logits = (softmax − onehot) · share, of which the share goes onto what is narrower. It overwrites the
    // probabilities: that what is written depends on the one other reader makes it the last.
    const less = single("Sub", [chosen, graph.scalar(1)], [count, 1]);
    const excess = slope(single("ScatterElements", [probabilities, column, less], logits.shape, { axis: 1 }));
    const share = reshape(multiply(shares, g), [count, 1]);
    return [multiply(gemm(excess, table), share), gemm(excess, multiply(hidden, share), { transA: true })];
  });
  return { loss, logProbabilities };
}
