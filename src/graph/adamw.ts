/** AdamW (Loshchilov and Hutter 2019, algorithm 2) with clipping by the global norm, inside the graph. */
import { elements, single, type Graph, type Value } from "./graph.js";
import { add, divide, multiply, squareRoot, subtract, sum } from "./operators/arithmetic.js";
import { reshape } from "./operators/shape.js";

export interface AdamWOptions {
  /** Decay of the first and second moment; default 0.9 and 0.95. */
  readonly beta1?: number;
  readonly beta2?: number;
  /** Added to the root of the second moment; default 1e-8. */
  readonly epsilon?: number;
  /** Decoupled decay per unit of learning rate, on parameters with two or more axes; default 0.01. */
  readonly weightDecay?: number;
  /** Gradients are scaled down to this global norm; default 1. */
  readonly clip?: number;
}

/** State names of a parameter's moments. */
export const momentNames = (parameter: string): [string, string] => [`adamw.m.${parameter}`, `adamw.v.${parameter}`];

/**
 * Adds one optimiser step to the graph: every parameter (a state tensor) and its moments get their next values.
 * Feeds `learningRate`, `correction1` and `correction2` (1 − βᵗ) come with each run; see {@link corrections}.
 * Returns the global gradient norm before clipping.
 */
export function adamw(
  graph: Graph,
  parameters: readonly Value[],
  gradients: readonly Value[],
  options: AdamWOptions = {},
): Value {
  const { beta1, beta2, epsilon, weightDecay, clip } = { ...ADAMW_DEFAULTS, ...options };
  const rate = graph.feed("learningRate", "float32", []);
  const correction1 = graph.feed("correction1", "float32", []);
  const correction2 = graph.feed("correction2", "float32", []);

  const squares = gradients.map(sumOfSquares);
  const norm = squareRoot(single("Sum", squares, []));
  const shrink = single("Min", [divide(graph.scalar(clip), add(norm, graph.scalar(1e-6))), graph.scalar(1)], []);
  const g1 = multiply(shrink, graph.scalar(1 - beta1));
  const g2 = multiply(multiply(shrink, shrink), graph.scalar(1 - beta2));
  // lr m̂ / (√v̂ + ε) = (lr √c₂ / c₁) m / (√v + ε √c₂)
  const root2 = squareRoot(correction2);
  const stepSize = divide(multiply(rate, root2), correction1);
  const floor = multiply(root2, graph.scalar(epsilon));
  const keep = subtract(graph.scalar(1), multiply(rate, graph.scalar(weightDecay)));

  parameters.forEach((parameter, i) => {
    const gradient = gradients[i] as Value;
    const [mName, vName] = momentNames(parameter.name);
    const m = graph.stateTensor(mName, "float32", parameter.shape);
    const v = graph.stateTensor(vName, "float32", parameter.shape);
    const nextM = add(multiply(m, graph.scalar(beta1)), multiply(gradient, g1));
    const nextV = add(multiply(v, graph.scalar(beta2)), multiply(multiply(gradient, gradient), g2));
    const move = divide(multiply(nextM, stepSize), add(squareRoot(nextV), floor));
    const decayed = parameter.shape.length >= 2 && weightDecay !== 0 ? multiply(parameter, keep) : parameter;
    graph.update(parameter, subtract(decayed, move));
    graph.update(m, nextM);
    graph.update(v, nextV);
  });
  return norm;
}

/** Elements that are summed in one go; beyond, what is added is so small beside the sum that float32 loses it. */
const SUMMED_AT_ONCE = 2 ** 21;
/** Elements of a part of a larger sum. */
const PART = 1024;

/** Of a large tensor the sums of its parts are summed, and theirs in turn: one sum of 136 million is 1.4 % short. */
function sumOfSquares(x: Value): Value {
  const count = elements(x.shape);
  const size = count > SUMMED_AT_ONCE ? largestDivisor(count, PART) : 1;
  if (size === 1) return single("ReduceSumSquare", [x], [], { keepdims: 0 });
  let sums = single("ReduceSumSquare", [reshape(x, [count / size, size])], [count / size], { axes: [1], keepdims: 0 });
  for (let left = count / size; left > PART;) {
    const part = largestDivisor(left, PART);
    if (part === 1) break;
    left /= part;
    sums = sum(reshape(sums, [left, part]), [1]);
  }
  return sum(sums);
}

function largestDivisor(count: number, most: number): number {
  let divisor = Math.min(count, most);
  while (count % divisor !== 0) divisor--;
  return divisor;
}

export const ADAMW_DEFAULTS = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.01, clip: 1 } as const;

/** Values for the correction feeds at step `t` (the first step is 1). */
export function corrections(
  t: number,
  options: AdamWOptions = {},
): { correction1: Float32Array; correction2: Float32Array } {
  const { beta1, beta2 } = { ...ADAMW_DEFAULTS, ...options };
  return { correction1: Float32Array.of(1 - beta1 ** t), correction2: Float32Array.of(1 - beta2 ** t) };
}

/** Moments of zero for every parameter. */
export function zeroMoments(parameters: readonly Value[]): Map<string, Float32Array> {
  const moments = new Map<string, Float32Array>();
  for (const parameter of parameters) {
    for (const name of momentNames(parameter.name)) moments.set(name, new Float32Array(elements(parameter.shape)));
  }
  return moments;
}
