/** Differentiable ONNX graphs: build, differentiate, optimise, run. Knows nothing of language. */
export { elements, Graph, single, type Shape, type Value } from "./graph.js";
export { gradients, recomputed } from "./gradient.js";
export { adamw, corrections, momentNames, type AdamWOptions } from "./adamw.js";
export { memoryOf } from "./memory.js";
export { Engine, type Program, type Tensors } from "./engine.js";
export type { RowCopy } from "./protocol.js";
export {
  add,
  divide,
  expand,
  exponential,
  mean,
  multiply,
  rectify,
  sigmoid,
  squareRoot,
  subtract,
  sum,
} from "./operators/arithmetic.js";
export * from "./operators/shape.js";
export { gemm, linear, matmul, rowDot } from "./operators/linear.js";
export * from "./operators/network.js";
export { softCap } from "./operators/cap.js";
export { gatherRows, takeRows, toInt64 } from "./operators/indexing.js";
export { readoutCrossEntropy } from "./operators/readout-loss.js";
export * from "./operators/sparse.js";
export * from "./operators/divergence.js";
export { eachTimes, inColumns, rowsTimes, timesColumns } from "./operators/row-products.js";
