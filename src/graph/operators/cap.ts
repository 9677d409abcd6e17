/** A soft bound on logits and attention scores, as Gemma 2 has it. */
import { single, type Value } from "../graph.js";
import { multiply, subtract } from "./arithmetic.js";

/**
 * c · tanh(x / c), without a rule for differentiation: `slope` takes a gradient of y to one of x. Without c, x itself.
 */
export function capped(
  x: Value,
  cap: number | undefined,
): { readonly y: Value; readonly slope: (gradient: Value) => Value } {
  if (cap === undefined) return { y: x, slope: (gradient) => gradient };
  const { graph, shape } = x;
  const t = single("Tanh", [multiply(x, graph.scalar(1 / cap))], shape);
  return {
    y: multiply(t, graph.scalar(cap)),
    slope: (gradient) => multiply(gradient, subtract(graph.scalar(1), multiply(t, t))),
  };
}

/** The same, differentiable. */
export function softCap(x: Value, cap: number | undefined): Value {
  if (cap === undefined) return x;
  const mark = x.graph.tape.length;
  const { y, slope } = capped(x, cap);
  x.graph.tape.length = mark;
  x.graph.differentiable([x], [y], ([g]) => (g ? [slope(g)] : []));
  return y;
}
