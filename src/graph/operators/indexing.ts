/** Rows by number: embedding, its gradient, and the loss on chosen tokens. */
import { GraphError, last, rows, sameShape, show, single, type Shape, type Value } from "../graph.js";
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
