/**
 * The forward pass of a decoder over whole sequences, as a differentiable graph; its architecture says what is special.
 * Key: B batch, T time, W width, H heads, K key-value heads, D head width, F MLP width, V vocabulary, N = B·T.
 */
import {
  attention,
  gatherRows,
  linear,
  multiply,
  reshape,
  rmsNormalize,
  rotary,
  split,
  transpose,
  type Graph,
  type Value,
} from "../../graph/index.js";
import { architectureOf, type TransformerConfig } from "../architectures/index.js";

/** Weights of one model in a graph: the stacked names of parameters.ts → values. */
export type Parameters = (name: string) => Value;

/** The linear layers of a decoder layer. */
export type Projection = "q" | "k" | "v" | "o" | "gate" | "up" | "down";

/** What a linear layer reads: x [N, inputs], to be multiplied by the norm's gain [inputs] where that is still to come. */
export interface LinearInput {
  readonly x: Value;
  readonly gain?: Value;
}

/** A change to a linear layer's output y [N, outputs]; LoRA adds its low-rank term here. */
export type Adapt = (layer: number, projection: Projection, input: LinearInput, y: Value) => Value;

/** Sees, and may change, the residual stream [N, W] after a layer (0-based). */
export type AfterLayer = (layer: number, residual: Value) => Value;

export const unadapted: Adapt = (_layer, _projection, _input, y) => y;

/** Where tokens stand, and what they see, where a row is not one text from its beginning to its end. */
export interface Arrangement {
  /** [B·T]: the place of every token in its text, below T. */
  readonly positions: Int32Array;
  /** Whether a token of a row may look at another, of those that come before it. */
  readonly sees: (row: number, query: number, key: number) => boolean;
}

export interface ForwardOptions {
  readonly arrangement?: Arrangement;
  readonly adapt?: Adapt;
  /** Sees the keys and values of a layer, [B, K, T, D] each, rotated. */
  readonly onKeysAndValues?: (layer: number, keys: Value, values: Value) => void;
  readonly afterLayer?: AfterLayer;
}

/** Residual stream after the last layer, before the final norm: tokens [B, T] int64 → [N, W]. */
export function forward(
  graph: Graph,
  config: TransformerConfig,
  parameters: Parameters,
  tokens: Value,
  { adapt = unadapted, afterLayer = (_layer, x) => x, onKeysAndValues, arrangement }: ForwardOptions = {},
): Value {
  const [batch, time] = tokens.shape as [number, number];
  const { width, heads, keyValueHeads, headDim, epsilon } = config;
  const half = headDim / 2;
  const architecture = architectureOf(config.modelType);
  const tables = architecture.rope(config, time);
  const cos = graph.constant(tables.cos, [time, half]);
  const sin = graph.constant(tables.sin, [time, half]);
  const positions = graph.constant(
    BigInt64Array.from({ length: batch * time }, (_, i) => BigInt(arrangement?.positions[i] ?? i % time)),
    [batch, time],
  );
  // Query heads that share a key-value head are rows of one product: no key or value is ever repeated.
  const groups = heads / keyValueHeads;
  const mask = arrangement
    ? graph.constant(arrangedMask(batch, time, groups, arrangement), [batch, 1, groups * time, time])
    : graph.constant(causalMask(time, groups), [1, 1, groups * time, time]);

  /** Layers that read one norm. Its gain folds into their weight: x̂ ⊙ g · Wᵀ = x̂ · (W ⊙ g)ᵀ, and W is small. */
  const normalizedLinears = (at: number, norm: string, stack: string, parts: Parts, input: Value): Value[] => {
    const x = rmsNormalize(input, epsilon);
    const gain = architecture.norms(parameters(`layers.${at}.${norm}`));
    const sizes = parts.map(([, outputs]) => outputs);
    const weights = split(multiply(parameters(`layers.${at}.${stack}`), gain), sizes, 0);
    const biases = stack === "qkv" && config.qkvBias ? split(parameters(`layers.${at}.qkvBias`), sizes, 0) : [];
    return parts.map(([name], i) => adapt(at, name, { x, gain }, linear(x, weights[i] as Value, biases[i])));
  };
  /** A layer whose output is added to the residual stream. */
  const addLinear = (at: number, name: "o" | "down", weight: string, input: Value, residual: Value): Value =>
    adapt(at, name, { x: input }, linear(input, parameters(`layers.${at}.${weight}`), residual));
  const byHead = (x: Value, count: number): Value => transpose(reshape(x, [batch, time, count, headDim]), [0, 2, 1, 3]);

  const qkvParts: Parts = [
    ["q", heads * headDim],
    ["k", keyValueHeads * headDim],
    ["v", keyValueHeads * headDim],
  ];
  const mlpParts: Parts = [
    ["gate", config.hidden],
    ["up", config.hidden],
  ];
  let x = reshape(gatherRows(parameters("embedding"), tokens), [batch * time, width]); // [N, W]
  for (let layer = 0; layer < config.layers; layer++) {
    const [q, k, v] = normalizedLinears(layer, "attentionNorm", "qkv", qkvParts, x) as [Value, Value, Value];
    const queries = rotary(byHead(q, heads), positions, cos, sin); // [B, H, T, D]
    const keys = rotary(byHead(k, keyValueHeads), positions, cos, sin); // [B, K, T, D]
    const values = byHead(v, keyValueHeads);
    onKeysAndValues?.(layer, keys, values);
    const grouped = reshape(queries, [batch, keyValueHeads, groups * time, headDim]);
    const mixed = reshape(attention(grouped, keys, values, mask), [batch, heads, time, headDim]);
    const gathered = reshape(transpose(mixed, [0, 2, 1, 3]), [batch * time, heads * headDim]);
    x = addLinear(layer, "o", "output", gathered, x);
    const [gate, up] = normalizedLinears(layer, "mlpNorm", "gateUp", mlpParts, x) as [Value, Value];
    x = afterLayer(layer, addLinear(layer, "down", "down", architecture.mlp(gate, up), x));
  }
  return x;
}

/** Names and outputs of the layers that are stacked into one parameter. */
type Parts = readonly (readonly [Projection, number])[];

/** The final norm with its gain, on chosen rows. x [L, W] → [L, W]. */
export function finalNorm(config: TransformerConfig, parameters: Parameters, x: Value): Value {
  return multiply(rmsNormalize(x, config.epsilon), architectureOf(config.modelType).norms(parameters("norm")));
}

export const readoutTable = (config: TransformerConfig, parameters: Parameters): Value =>
  parameters(architectureOf(config.modelType).head(config));

/** 0 where a query may look, very negative where it may not; the same for every query head of a group. */
function causalMask(time: number, groups: number): Float32Array {
  const mask = new Float32Array(groups * time * time);
  for (let row = 0; row < groups * time; row++) mask.fill(-1e9, row * time + (row % time) + 1, (row + 1) * time);
  return mask;
}

/** The same for each row by itself. */
function arrangedMask(batch: number, time: number, groups: number, { sees }: Arrangement): Float32Array {
  const mask = new Float32Array(batch * groups * time * time).fill(-1e9);
  for (let i = 0; i < batch * groups * time; i++) {
    const row = Math.floor(i / (groups * time));
    const query = i % time;
    for (let key = 0; key <= query; key++) if (key === query || sees(row, query, key)) mask[i * time + key] = 0;
  }
  return mask;
}
