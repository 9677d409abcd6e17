/**
 * The forward pass of a decoder over whole sequences, as a differentiable graph; its architecture says what is special.
 * Key: B batch, T time, W width, H heads, K key-value heads, D head width, F MLP width, V vocabulary, N = B·T.
 */
import {
  add,
  attention,
  gatherRows,
  linear,
  multiply,
  recomputed,
  reshape,
  rmsNorm,
  rmsNormalize,
  split,
  transpose,
  type Graph,
  type Value,
} from "../../graph/index.js";
import { architectureOf, type TransformerConfig } from "../architectures/index.js";
import { attentionInParts, isLong } from "./attention-in-parts.js";
import { gainOf, type Parameters } from "./gain.js";
import { arrangedMask, causalMask, type Arrangement } from "./masks.js";
import { maskFor, rotations, windowOf } from "./positions.js";

export type { Parameters };
export { finalNorm, logitsOf, readoutTable } from "./readout.js";

/** The linear layers of a decoder layer; some architectures have q, k, v in one, and gate, up. */
export type Projection = "q" | "k" | "v" | "o" | "gate" | "up" | "down" | "qkv" | "gate_up";

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

export interface ForwardOptions {
  readonly arrangement?: Arrangement;
  readonly adapt?: Adapt;
  /** Sees the keys and values of a layer, [B, K, T, D] each, rotated. */
  readonly onKeysAndValues?: (layer: number, keys: Value, values: Value) => void;
  readonly afterLayer?: AfterLayer;
  /** What a backward pass computes again, to keep less until then: nothing, attention and activations, or whole layers. */
  readonly recompute?: Recompute;
  /** Whether norms' gains stay out of the weights that follow; by default where the model is wide. */
  readonly wide?: boolean;
  /** Attention over long texts is computed in parts: where there is no backward pass. */
  readonly attendInParts?: boolean;
}

export type Recompute = "nothing" | "parts" | "layers";

/**
 * In wider models a weight has more numbers than a usual batch has activations: there the gain of a norm multiplies the
 * activations and not the weight, and a stacked weight is never cut.
 */
const WIDEST_FOLDED = 256;

export const isWide = ({ width }: TransformerConfig): boolean => width > WIDEST_FOLDED;

/** Names and outputs of the layers that are stacked into one parameter. */
type Parts = readonly (readonly [Projection, number])[];

/** What is stacked to be one product, and how it is cut again. */
export function stacks({ modelType, heads, keyValueHeads, headDim, hidden }: TransformerConfig) {
  const sizes = [heads * headDim, keyValueHeads * headDim, keyValueHeads * headDim] as const;
  const [q, k, v] = sizes;
  const { fused } = architectureOf(modelType);
  const qkv: Parts = [
    ["q", q],
    ["k", k],
    ["v", v],
  ];
  const mlp: Parts = [
    ["gate", hidden],
    ["up", hidden],
  ];
  return {
    qkv: { parts: fused ? ([["qkv", q + k + v]] as Parts) : qkv, sizes },
    mlp: { parts: fused ? ([["gate_up", 2 * hidden]] as Parts) : mlp, sizes: [hidden, hidden] as const },
  };
}

/** Tokens [...] int64 → their vectors [..., W]. */
export function embed(config: TransformerConfig, parameters: Parameters, tokens: Value): Value {
  const x = gatherRows(parameters("embedding"), tokens);
  if (!architectureOf(config.modelType).scaledEmbedding) return x;
  return multiply(x, x.graph.scalar(Math.fround(Math.sqrt(config.width))));
}

/** What scores are multiplied with, and their cap. */
export const scoring = ({ scoreScalar, headDim, scoreCap }: TransformerConfig) => ({
  scale: 1 / Math.sqrt(scoreScalar ?? headDim),
  cap: scoreCap,
});

/** Residual stream after the last layer, before the final norm: tokens [B, T] int64 → [N, W]. */
export function forward(
  graph: Graph,
  config: TransformerConfig,
  parameters: Parameters,
  tokens: Value,
  options: ForwardOptions = {},
): Value {
  const { adapt = unadapted, afterLayer = (_layer, x) => x, onKeysAndValues, arrangement } = options;
  const { recompute = "nothing", wide = isWide(config), attendInParts = false } = options;
  const [batch, time] = tokens.shape as [number, number];
  const { width, heads, keyValueHeads, headDim, epsilon } = config;
  const { norms, mlp } = architectureOf(config.modelType);
  const inOrder = (): Value =>
    graph.constant(
      BigInt64Array.from({ length: batch * time }, (_, i) => BigInt(i % time)),
      [batch, time],
    );
  const positions = arrangement?.positions ?? inOrder();
  const turn = rotations(graph, config, time, positions);
  // Query heads that share a key-value head are rows of one product: no key or value is ever repeated.
  const groups = heads / keyValueHeads;
  const mask = maskFor((window) =>
    arrangement ? arrangedMask(graph, arrangement, groups, window) : causalMask(graph, time, groups, window),
  );
  const { qkv, mlp: gateUp } = stacks(config);

  /** Layers that read one norm. Its gain folds into their weight: x̂ ⊙ g · Wᵀ = x̂ · (W ⊙ g)ᵀ, and W is small. */
  const normalizedLinears = (at: number, norm: string, stack: "qkv" | "gateUp", input: Value): Value[] => {
    if (wide) return wideLinears(at, norm, stack, input);
    const x = norms.before ? rmsNormalize(input, epsilon) : input;
    const gain = norms.before ? gainOf(config, parameters, `layers.${at}.${norm}`) : undefined;
    const { parts, sizes } = stack === "qkv" ? qkv : gateUp;
    const each = parts.map(([, outputs]) => outputs);
    const stacked = parameters(`layers.${at}.${stack}`);
    const weights = split(gain ? multiply(stacked, gain) : stacked, each, 0);
    const biases = stack === "qkv" && config.qkvBias ? split(parameters(`layers.${at}.qkvBias`), each, 0) : [];
    const outputs = parts.map(([name], i) =>
      adapt(at, name, { x, ...(gain && { gain }) }, linear(x, weights[i] as Value, biases[i])),
    );
    return parts.length === 1 ? split(outputs[0] as Value, sizes, 1) : outputs;
  };
  const wideLinears = (at: number, norm: string, stack: "qkv" | "gateUp", input: Value): Value[] => {
    const x = norms.before ? rmsNorm(input, gainOf(config, parameters, `layers.${at}.${norm}`), epsilon) : input;
    const { parts, sizes } = stack === "qkv" ? qkv : gateUp;
    const bias = stack === "qkv" && config.qkvBias ? parameters(`layers.${at}.qkvBias`) : undefined;
    const y = linear(x, parameters(`layers.${at}.${stack}`), bias);
    const [only] = parts;
    if (parts.length === 1 && only) return split(adapt(at, only[0], { x }, y), sizes, 1);
    return split(y, sizes, 1).map((part, i) => adapt(at, (parts[i] as Parts[number])[0], { x }, part));
  };
  /** A layer whose output is added to the residual stream. */
  const addLinear = (at: number, name: "o" | "down", weight: string, input: Value, residual: Value): Value => {
    const matrix = parameters(`layers.${at}.${weight}`);
    if (!norms.after) return adapt(at, name, { x: input }, linear(input, matrix, residual));
    const output = rmsNormalize(adapt(at, name, { x: input }, linear(input, matrix)), epsilon);
    const norm = name === "o" ? "attentionOutputNorm" : "mlpOutputNorm";
    return add(residual, multiply(output, gainOf(config, parameters, `layers.${at}.${norm}`)));
  };
  /** Queries or keys [N, count·D], normalised where the architecture does → [B, count, T, D]. */
  const byHead = (x: Value, count: number, norm?: string): Value => {
    const normalize = (y: Value): Value =>
      multiply(rmsNormalize(y, epsilon), gainOf(config, parameters, norm as string));
    const whole = norm !== undefined && norms.heads === "together" ? normalize(x) : x;
    const parted = transpose(reshape(whole, [batch, time, count, headDim]), [0, 2, 1, 3]);
    return norm !== undefined && norms.heads === "each" ? normalize(parted) : parted;
  };

  const inParts = (build: () => Value): Value => (recompute === "parts" ? recomputed(graph, build) : build());
  const decoderLayer = (layer: number, input: Value): Value => {
    const at = `layers.${layer}`;
    const [q, k, v] = normalizedLinears(layer, "attentionNorm", "qkv", input) as [Value, Value, Value];
    const queries = turn(layer, byHead(q, heads, `${at}.queryNorm`)); // [B, H, T, D]
    const keys = turn(layer, byHead(k, keyValueHeads, `${at}.keyNorm`)); // [B, K, T, D]
    const values = byHead(v, keyValueHeads);
    onKeysAndValues?.(layer, keys, values);
    const attend = (): Value => {
      if (attendInParts && !arrangement && isLong(batch, heads, time))
        return attentionInParts(queries, keys, values, windowOf(config, layer), scoring(config));
      const grouped = reshape(queries, [batch, keyValueHeads, groups * time, headDim]);
      const seen = mask(config, layer);
      return inParts(() => attention(grouped, keys, values, seen, scoring(config)));
    };
    const mixed = reshape(attend(), [batch, heads, time, headDim]);
    const gathered = reshape(transpose(mixed, [0, 2, 1, 3]), [batch * time, heads * headDim]);
    const middle = addLinear(layer, "o", "output", gathered, input);
    const [gate, up] = normalizedLinears(layer, "mlpNorm", "gateUp", middle) as [Value, Value];
    const down = (activated: Value): Value => addLinear(layer, "down", "down", activated, middle);
    // A norm after the last product would have that one computed again, too.
    const output = norms.after ? down(inParts(() => mlp(gate, up))) : inParts(() => down(mlp(gate, up)));
    return afterLayer(layer, output);
  };
  let x = reshape(embed(config, parameters, tokens), [batch * time, width]); // [N, W]
  for (let layer = 0; layer < config.layers; layer++) {
    const input = x;
    x = recompute === "layers" ? recomputed(graph, () => decoderLayer(layer, input)) : decoderLayer(layer, input);
  }
  return x;
}
