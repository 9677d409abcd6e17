/** What tests look into; no part of the package's interface. */
export { GraphError } from "./graph.js";
export { zeroMoments } from "./adamw.js";
export { EngineError } from "./engine.js";
export { scatterAddRows } from "./operators/indexing.js";
export { logarithm, negate, tanh } from "./operators/arithmetic.js";
