/** Sparse autoencoders as graphs: what a latent reads, and one training step. */
import {
  adamw,
  add,
  batchThreshold,
  concatenate,
  detached,
  divide,
  exceeds,
  gradients,
  Graph,
  isNonZero,
  keepAtLeast,
  keepLargest,
  matmul,
  mean,
  multiply,
  rectify,
  reshape,
  rowDot,
  squareRoot,
  subtract,
  sum,
  type AdamWOptions,
  type Value,
} from "../../graph/index.js";
import type { SaeKind, TrainedKind } from "./sae.js";

export interface SaeShape {
  readonly width: number;
  readonly size: number;
  readonly k: number;
  readonly kind: TrainedKind;
}

/** Adam without decay, as both papers have it. */
export const SAE_ADAM: AdamWOptions = { beta1: 0.9, beta2: 0.999, weightDecay: 0, clip: 1 };

/** Dead latents that take part in the auxiliary loss: half the width (Gao et al. 2024, section A.2). */
const AUXILIARY_SHARE = 0.5;
const AUXILIARY_WEIGHT = 1 / 32;
const NEVER = -1e30;

export const SAE_PARAMETERS = ["encoder", "encoderBias", "decoder", "decoderBias"] as const;
export type SaeParameter = (typeof SAE_PARAMETERS)[number];
type Parameters = Readonly<Record<SaeParameter, Value>>;

export const saeShapes = ({ width, size }: Pick<SaeShape, "width" | "size">) =>
  ({
    encoder: [width, size],
    encoderBias: [1, size],
    decoder: [size, width],
    decoderBias: [1, width],
  }) as const;

export function declareSae(graph: Graph, shape: Pick<SaeShape, "width" | "size">, scope: string): Parameters {
  const shapes = saeShapes(shape);
  const declare = (name: SaeParameter): Value => graph.stateTensor(`${scope}.${name}`, "float32", shapes[name]);
  return {
    encoder: declare("encoder"),
    encoderBias: declare("encoderBias"),
    decoder: declare("decoder"),
    decoderBias: declare("decoderBias"),
  };
}

/**
 * (x − b_dec) W_enc + b_enc, x [N, W] → [N, S]. Both biases are one more row of the product: adding them afterwards
 * would be another pass over the largest tensor, in each direction.
 */
export function preActivations(x: Value, { encoder, encoderBias, decoderBias }: Parameters): Value {
  const [count] = x.shape as [number];
  const one = x.graph.constant(new Float32Array(count).fill(1), [count, 1]);
  const bias = subtract(encoderBias, matmul(decoderBias, encoder)); // [1, S]
  return matmul(concatenate([x, one], 1), concatenate([encoder, bias], 0));
}

/** What decides, beside what they read, which latents are active. */
export interface Activity {
  /** topk */
  readonly k?: number | undefined;
  /** [1], batchtopk */
  readonly threshold?: Value;
  /** [1, S], jumprelu */
  readonly thresholds?: Value;
  /** [N, S], gated: what is read is its gate */
  readonly magnitude?: Value;
}

/** Latents as they are after training, from what they read. */
export function latents(before: Value, kind: SaeKind, activity: Activity): Value {
  const { k, threshold, thresholds, magnitude } = activity;
  const bound = threshold ?? thresholds;
  if (kind === "standard") return rectify(before);
  if (kind === "topk" && k !== undefined) return keepLargest(before, k);
  if (kind === "gated" && magnitude !== undefined) return multiply(exceeds(before, 0), rectify(magnitude));
  if (bound !== undefined) return keepAtLeast(before, bound);
  throw new RangeError(`sae: ${kind} lacks what says which latents are active`);
}

/**
 * One step: reconstruction, its loss, gradients, Adam, decoder rows back to length 1.
 * Feeds: x [N, W], learningRate, correction1, correction2. State: parameters, moments and `idle`, the tokens since each
 * latent was active. Fetches: loss (share of the variance that is not explained, for x of unit variance), dead (how
 * many latents), norm, and for batchtopk the threshold of this batch.
 * @param auxiliary adds the loss of the dead latents, which are to reconstruct the error; without it a step is quicker
 */
export function saeTrainingGraph(
  shape: SaeShape,
  batch: number,
  deadAfter: number,
  scope: string,
  auxiliary: boolean,
): Graph {
  const { width, size, k, kind } = shape;
  const graph = new Graph();
  const x = graph.feed("x", "float32", [batch, width]);
  const parameters = declareSae(graph, shape, scope);
  const idle = graph.stateTensor(`${scope}.idle`, "float32", [1, size]);
  const { encoderBias, decoder, decoderBias } = parameters;

  const before = preActivations(x, parameters);
  const threshold = kind === "batchtopk" ? batchThreshold(before, k) : undefined;
  const active = threshold ? keepAtLeast(before, threshold) : keepLargest(before, k); // [N, S]
  const error = subtract(subtract(x, matmul(active, decoder)), decoderBias); // [N, W]
  const squares = mean(multiply(error, error));
  const isDead = exceeds(idle, deadAfter); // [1, S]

  let loss = squares;
  if (auxiliary) {
    const barred = multiply(subtract(graph.scalar(1), isDead), graph.scalar(NEVER));
    const few = Math.min(size, Math.max(1, Math.round(AUXILIARY_SHARE * width)));
    const revived = keepLargest(add(before, barred), few);
    const rest = subtract(detached(error), matmul(revived, decoder));
    const share = divide(mean(multiply(rest, rest)), detached(squares));
    loss = add(loss, multiply(share, graph.scalar(AUXILIARY_WEIGHT)));
  }

  const trained = Object.values(parameters);
  const raw = gradients(loss, trained);
  // A latent that no token has gets no gradient. One that is being revived does, so there the latents are looked at,
  // which is a pass over the largest tensor.
  const fired = auxiliary ? exceeds(sum(active, [0], true), 0) : isNonZero(raw[trained.indexOf(encoderBias)] as Value);
  const found = raw.map((g, i) => {
    // What would only lengthen a decoder row is taken off: its length is fixed.
    if (trained[i] !== decoder) return g;
    return subtract(g, multiply(decoder, rowDot(g, decoder)));
  });
  graph.fetch("norm", adamw(graph, trained, found, SAE_ADAM));
  const moved = graph.updates.get(decoder.name) as Value;
  graph.update(decoder, divide(moved, squareRoot(rowDot(moved, moved))));
  const silent = subtract(graph.scalar(1), fired);
  graph.update(idle, multiply(add(idle, graph.scalar(batch)), silent));
  graph.fetch("loss", squares);
  graph.fetch("dead", sum(isDead));
  if (threshold) graph.fetch("threshold", reshape(threshold, [1]));
  return graph;
}
