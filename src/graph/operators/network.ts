/**
 * The non-linear parts of a decoder layer. Each is one entry on the tape with a hand-derived pullback that touches
 * the large tensors as few times as possible; test/graph checks every one against central differences.
 */
import { GraphError, last, sameShape, show, single, type Value } from "../graph.js";
import { add, exponential, multiply, sigmoid, subtract, sum, unbroadcast } from "./arithmetic.js";
import { capped } from "./cap.js";
import { rawMatmul, rowDot } from "./linear.js";

/**
 * x / rms(x) over the last axis (Zhang and Sennrich 2019, without the gain, which folds into the next weight).
 * The pullback is (g − y·mean(g·y)) / rms(x).
 */
export function rmsNormalize(x: Value, epsilon: number): Value {
  const width = last(x.shape);
  const gain = x.graph.constant(new Float32Array(width).fill(1), [width]);
  const [y, inverse] = x.graph.node(
    "SimplifiedLayerNormalization",
    [x, gain],
    [{ shape: x.shape }, { shape: [...x.shape.slice(0, -1), 1] }],
    { axis: -1, epsilon: { float: epsilon }, stash_type: 1 },
  ) as [Value, Value];
  x.graph.differentiable([x], [y], ([g]) => {
    if (!g) return [];
    const shared = single("ReduceMean", [multiply(g, y)], inverse.shape, { axes: [-1] });
    return [multiply(subtract(g, multiply(y, shared)), inverse)];
  });
  return y;
}

/**
 * gain ⊙ x / rms(x) over the last axis, in one pass; gain [W]. Where the rows are fewer than the outputs of the weight
 * that reads them, this is cheaper than to fold the gain into the weight.
 */
export function rmsNorm(x: Value, gain: Value, epsilon: number): Value {
  if (!sameShape(gain.shape, [last(x.shape)])) {
    throw new GraphError(`rmsNorm: x ${show(x.shape)} needs a gain [${last(x.shape)}], found ${show(gain.shape)}`);
  }
  const [y, inverse] = x.graph.node(
    "SimplifiedLayerNormalization",
    [x, gain],
    [{ shape: x.shape }, { shape: [...x.shape.slice(0, -1), 1] }],
    { axis: -1, epsilon: { float: epsilon }, stash_type: 1 },
  ) as [Value, Value];
  x.graph.differentiable([x, gain], [y], ([g]) => {
    if (!g) return [];
    const unit = multiply(x, inverse);
    const inner = multiply(g, gain);
    const shared = single("ReduceMean", [multiply(inner, unit)], inverse.shape, { axes: [-1] });
    return [multiply(subtract(inner, multiply(unit, shared)), inverse), unbroadcast(multiply(g, unit), gain.shape)];
  });
  return y;
}

/** x · sigmoid(x). */
export function silu(x: Value): Value {
  const gate = sigmoid(x);
  const y = multiply(x, gate);
  return y;
}

/** silu(gate) ⊙ up, of two equal shapes (Shazeer 2020). */
export function swiglu(gate: Value, up: Value): Value {
  const { shape } = gate;
  if (!sameShape(shape, up.shape)) {
    throw new GraphError(`swiglu: gate ${show(shape)} and up ${show(up.shape)} differ`);
  }
  const s = single("Sigmoid", [gate], shape);
  const swish = single("Mul", [gate, s], shape);
  const y = single("Mul", [swish, up], shape);
  gate.graph.differentiable([gate, up], [y], ([g]) => {
    if (!g) return [];
    // d swish / d gate · up = (s + swish (1 − s)) up = y + s (up − y)
    const slope = add(multiply(subtract(up, y), s), y);
    return [multiply(g, slope), multiply(g, swish)];
  });
  return y;
}

/** √(2/π) and the cubic term of the tanh form of GELU (Hendrycks and Gimpel 2016). */
const GELU = { scale: Math.sqrt(2 / Math.PI), cubic: 0.044715 } as const;

/** gelu(gate) ⊙ up of two equal shapes, with GELU in its tanh form (Shazeer 2020, as Gemma has it). */
export function geglu(gate: Value, up: Value): Value {
  const { shape, graph } = gate;
  if (!sameShape(shape, up.shape)) {
    throw new GraphError(`geglu: gate ${show(shape)} and up ${show(up.shape)} differ`);
  }
  const mark = graph.tape.length;
  const square = multiply(gate, gate);
  const cubed = add(multiply(square, graph.scalar(GELU.scale * GELU.cubic)), graph.scalar(GELU.scale));
  const t = single("Tanh", [multiply(gate, cubed)], shape);
  const half = multiply(add(t, graph.scalar(1)), graph.scalar(0.5)); // gelu(x) = x · half
  const gelu = multiply(gate, half);
  const y = multiply(gelu, up);
  graph.tape.length = mark;
  graph.differentiable([gate, up], [y], ([g]) => {
    if (!g) return [];
    // d gelu / dx = half + x/2 (1 − t²) (s + 3 c x²), and (1 − t²)/4 = half (1 − half)
    const inner = add(multiply(square, graph.scalar(3 * GELU.scale * GELU.cubic)), graph.scalar(GELU.scale));
    const bend = multiply(multiply(gelu, subtract(graph.scalar(1), half)), multiply(inner, graph.scalar(2)));
    return [multiply(g, multiply(up, add(half, bend))), multiply(g, gelu)];
  });
  return y;
}

/** Softmax over the last axis. */
export function softmax(x: Value): Value {
  const y = single("Softmax", [x], x.shape, { axis: -1 });
  x.graph.differentiable([x], [y], ([g]) => (g ? [multiply(y, subtract(g, rowDot(g, y)))] : []));
  return y;
}

/** Log-softmax over the last axis. */
export function logSoftmax(x: Value): Value {
  const y = single("LogSoftmax", [x], x.shape, { axis: -1 });
  x.graph.differentiable([x], [y], ([g]) =>
    g ? [subtract(g, multiply(exponential(y), sum(g, [g.shape.length - 1], true)))] : [],
  );
  return y;
}

/**
 * Rotary positions (Su et al. 2021), the half-split layout of Llama and Qwen2.
 * Key: B batch, H heads, T time, D head width. x [B, H, T, D]; positions [B, T] int64; cos, sin [P, D/2].
 * A rotation is undone by rotating back, so the pullback is the same operator with −sin.
 */
export function rotary(x: Value, positions: Value, cos: Value, sin: Value): Value {
  const [, , , width] = x.shape;
  if (x.shape.length !== 4 || last(cos.shape) * 2 !== width || !sameShape(cos.shape, sin.shape)) {
    throw new GraphError(
      `rotary: x ${show(x.shape)} needs cos and sin [positions, ${(width ?? 0) / 2}], found ${show(cos.shape)}`,
    );
  }
  const rotate = (v: Value, s: Value): Value =>
    single("RotaryEmbedding", [v, positions, cos, s], x.shape, { interleaved: 0 }, "com.microsoft");
  const y = rotate(x, sin);
  x.graph.differentiable([x], [y], ([g]) => (g ? [rotate(g, single("Neg", [sin], sin.shape))] : []));
  return y;
}

export interface AttentionOptions {
  /** What scores are multiplied with; default 1 / √D. */
  readonly scale?: number;
  /** Scores s become c · tanh(s / c), before the mask; default they stay. */
  readonly cap?: number | undefined;
}

/**
 * softmax(q kᵀ · scale + mask) v. Key: B batch, H heads, T queries, S keys, D head width.
 * q [B, H, T, D]; k, v [B, H, S, D]; mask broadcasts to [B, H, T, S] and carries no gradient.
 * The row sums of the softmax's pullback are taken on the output, Σ g·y, which is S/D times smaller
 * than on the weights (Dao et al. 2022, appendix B.2).
 */
export function attention(q: Value, k: Value, v: Value, mask: Value, options: AttentionOptions = {}): Value {
  if (!sameShape(k.shape, v.shape) || q.shape.length !== 4 || last(q.shape) !== last(k.shape)) {
    throw new GraphError(`attention: q ${show(q.shape)}, k ${show(k.shape)} and v ${show(v.shape)} do not fit`);
  }
  const { scale = 1 / Math.sqrt(last(q.shape)), cap } = options;
  const graph = q.graph;
  const mark = graph.tape.length;
  const { y: bounded, slope } = capped(rawMatmul(q, k, { transB: true, scale }), cap);
  const scores = add(bounded, mask);
  const weights = single("Softmax", [scores], scores.shape, { axis: -1 }); // [B, H, T, S]
  const y = rawMatmul(weights, v);
  graph.tape.length = mark;
  graph.differentiable([q, k, v], [y], ([g]) => {
    if (!g) return [];
    const gradient = slope(multiply(weights, subtract(rawMatmul(g, v, { transB: true }), rowDot(g, y))));
    return [
      rawMatmul(gradient, k, { scale }),
      rawMatmul(gradient, q, { transA: true, scale }),
      rawMatmul(weights, g, { transA: true }),
    ];
  });
  return y;
}
