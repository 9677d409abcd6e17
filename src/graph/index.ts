/** Differentiable ONNX graphs: build, differentiate, optimise, run. Knows nothing of language. */
export { elements, Graph, GraphError, type DataType, type Shape, type Value } from "./graph.js";
export { gradients } from "./gradient.js";
export { adamw, ADAMW_DEFAULTS, corrections, momentNames, zeroMoments, type AdamWOptions } from "./adamw.js";
export { Engine, EngineError, type Program, type Tensors } from "./engine.js";
export type { RowCopy, TensorData } from "./protocol.js";
export * from "./operators/arithmetic.js";
export * from "./operators/shape.js";
export * from "./operators/linear.js";
export * from "./operators/network.js";
export { softCap } from "./operators/cap.js";
export * from "./operators/indexing.js";
export * from "./operators/sparse.js";
export * from "./operators/divergence.js";
