/**
 * The two graphs of sampling: `prefillGraph` reads whole prompts, `decodeGraph` one new token a row. Keys and values
 * stay in caches of C positions; a run writes only what is new into them. Rows have lengths of their own; prompts are
 * padded on the right, and what the padding left in a cache is hidden until it is overwritten.
 * Key: B rows, S prompt length, C cache positions, W width, H heads, K key-value heads, G = H/K, D head width, V vocabulary.
 */
import {
  add,
  concatenate,
  gatherRows,
  Graph,
  linear,
  matmul,
  multiply,
  reshape,
  rotary,
  softmax,
  split,
  toInt64,
  type Value,
} from "../../graph/index.js";
import { architectureOf, type TransformerConfig } from "../architectures/index.js";
import {
  finalNorm,
  forward,
  readoutTable,
  unadapted,
  type Adapt,
  type AfterLayer,
  type Parameters,
} from "./forward.js";
import { declareParameters } from "./parameters.js";

export interface DecodeOptions {
  /** Stacked parameter → engine name. */
  readonly name: (parameter: string) => string;
  /** Engine names of a layer's key and value cache. */
  readonly caches: (layer: number) => readonly [string, string];
  readonly adapt?: (graph: Graph) => Adapt;
  readonly afterLayer?: (graph: Graph) => AfterLayer;
  /** Adds the feed inverseTemperature [B, 1] and the fetch weights [B, V]: the probabilities at that temperature. */
  readonly warm?: boolean;
}

/**
 * Feeds: tokens [B, S], start [B] (zeros), readAt [B] (index into B·S of each row's last token).
 * Fetch: probabilities [B, V].
 */
export function prefillGraph(
  config: TransformerConfig,
  rows: number,
  length: number,
  cache: number,
  options: DecodeOptions,
): Graph {
  const graph = new Graph();
  const parameters = declareParameters(graph, config, options.name);
  const tokens = toInt64(graph.feed("tokens", "int32", [rows, length]));
  const start = graph.feed("start", "int32", [rows]);
  const readAt = toInt64(graph.feed("readAt", "int32", [rows]));
  const residual = forward(graph, config, parameters, tokens, {
    ...(options.adapt && { adapt: options.adapt(graph) }),
    ...(options.afterLayer && { afterLayer: options.afterLayer(graph) }),
    onKeysAndValues: (layer, keys, values) => {
      const [pastKeys, pastValues] = declareCaches(graph, config, rows, cache, options, layer);
      graph.append(pastKeys, keys, start);
      graph.append(pastValues, values, start);
    },
  });
  readOut(graph, config, parameters, gatherRows(residual, readAt), options);
  return graph;
}

/** Feeds: tokens [B], position [B] (of these tokens in their rows). Fetch: probabilities [B, V]. */
export function decodeGraph(config: TransformerConfig, rows: number, cache: number, options: DecodeOptions): Graph {
  const { width, heads, keyValueHeads, headDim, hidden, epsilon } = config;
  const keyValueWidth = keyValueHeads * headDim;
  const groups = heads / keyValueHeads;
  const graph = new Graph();
  const parameters = declareParameters(graph, config, options.name);
  const adapt: Adapt = options.adapt?.(graph) ?? unadapted;
  const afterLayer: AfterLayer = options.afterLayer?.(graph) ?? ((_layer, x) => x);
  const tokens = toInt64(graph.feed("tokens", "int32", [rows]));
  const position = graph.feed("position", "int32", [rows]);
  const positions = reshape(toInt64(position), [rows, 1]);
  const architecture = architectureOf(config.modelType);
  const tables = architecture.rope(config, cache);
  const cos = graph.constant(tables.cos, [cache, headDim / 2]);
  const sin = graph.constant(tables.sin, [cache, headDim / 2]);
  const future = pastMask(graph, position, cache); // [B, 1, 1, C]

  const normalize = (x: Value, gain: string): Value =>
    graph.node("SimplifiedLayerNormalization", [x, architecture.norms(parameters(gain))], [{ shape: x.shape }], {
      axis: -1,
      epsilon: { float: epsilon },
      stash_type: 1,
    })[0] as Value;

  let x = gatherRows(parameters("embedding"), tokens); // [B, W]
  for (let layer = 0; layer < config.layers; layer++) {
    const at = `layers.${layer}`;
    const a = normalize(x, `${at}.attentionNorm`);
    const bias = config.qkvBias ? parameters(`${at}.qkvBias`) : undefined;
    const qkv = split(linear(a, parameters(`${at}.qkv`), bias), [heads * headDim, keyValueWidth, keyValueWidth], 1);
    const [q, k, v] = (["q", "k", "v"] as const).map((name, i) => adapt(layer, name, { x: a }, qkv[i] as Value));
    const turned = (y: Value, count: number): Value =>
      rotary(reshape(y, [rows, count, 1, headDim]), positions, cos, sin);
    const key = turned(k as Value, keyValueHeads);
    const value = reshape(v as Value, [rows, keyValueHeads, 1, headDim]);
    const [pastKeys, pastValues] = declareCaches(graph, config, rows, cache, options, layer);
    const queries = reshape(turned(q as Value, heads), [rows, keyValueHeads, groups, headDim]);
    const scale = 1 / Math.sqrt(headDim);
    const past = add(matmul(queries, pastKeys, { transB: true, scale }), future); // [B, K, G, C]
    const self = matmul(queries, key, { transB: true, scale }); // [B, K, G, 1]
    const weights = softmax(concatenate([past, self], 3));
    const [onPast, onSelf] = split(weights, [cache, 1], 3) as [Value, Value];
    const mixed = add(matmul(onPast, pastValues), multiply(onSelf, value)); // [B, K, G, D]
    graph.append(pastKeys, key, position);
    graph.append(pastValues, value, position);
    const gathered = reshape(mixed, [rows, heads * headDim]);
    x = adapt(layer, "o", { x: gathered }, linear(gathered, parameters(`${at}.output`), x));
    const m = normalize(x, `${at}.mlpNorm`);
    const [gate, up] = split(linear(m, parameters(`${at}.gateUp`)), [hidden, hidden], 1) as [Value, Value];
    const h = architecture.mlp(adapt(layer, "gate", { x: m }, gate), adapt(layer, "up", { x: m }, up));
    x = afterLayer(layer, adapt(layer, "down", { x: h }, add(inPieces(h, parameters(`${at}.down`)), x)));
  }
  readOut(graph, config, parameters, reshape(x, [rows, width]), options);
  return graph;
}

/**
 * The runtime adds a product up in blocks of inputs, longer ones where a thread has few columns, so in a narrow model the
 * rounding would depend on the threads. A product of this size is one block, whoever computes it.
 */
const PIECE = { outputs: 64, inputs: 256 } as const;

/** x Wᵀ, rounded alike with any number of threads where W is narrow. x [B, I], weight [O, I] → [B, O]. */
function inPieces(x: Value, weight: Value): Value {
  const [outputs, inputs] = weight.shape as [number, number];
  if (outputs > 2 * PIECE.outputs) return linear(x, weight);
  const xs = split(x, pieces(inputs, PIECE.inputs), 1);
  const columns = split(weight, pieces(outputs, PIECE.outputs), 0).map((rows) => {
    const weights = split(rows, pieces(inputs, PIECE.inputs), 1);
    return weights.map((w, i) => linear(xs[i] as Value, w)).reduce((sum, part) => add(sum, part));
  });
  return concatenate(columns, 1);
}

const pieces = (size: number, most: number): number[] =>
  Array.from({ length: Math.ceil(size / most) }, (_, i) => Math.min(most, size - i * most));

export const cacheShape = (config: TransformerConfig, rows: number, cache: number): number[] => [
  rows,
  config.keyValueHeads,
  cache,
  config.headDim,
];

function declareCaches(
  graph: Graph,
  config: TransformerConfig,
  rows: number,
  cache: number,
  options: DecodeOptions,
  layer: number,
): [Value, Value] {
  const [keys, values] = options.caches(layer);
  const shape = cacheShape(config, rows, cache);
  return [graph.stateTensor(keys, "float32", shape), graph.stateTensor(values, "float32", shape)];
}

function readOut(
  graph: Graph,
  config: TransformerConfig,
  parameters: Parameters,
  last: Value,
  { warm = false }: DecodeOptions,
): void {
  const logits = linear(finalNorm(config, parameters, last), readoutTable(config, parameters));
  graph.fetch("probabilities", softmax(logits));
  if (!warm) return;
  const inverse = graph.feed("inverseTemperature", "float32", [last.shape[0] as number, 1]);
  graph.fetch("weights", softmax(multiply(logits, inverse)));
}

/** 0 at the positions before `position` [B], very negative from there on: [B, 1, 1, C]. */
function pastMask(graph: Graph, position: Value, cache: number): Value {
  const rows = position.shape[0] as number;
  const range = graph.constant(
    Int32Array.from({ length: cache }, (_, i) => i),
    [1, 1, 1, cache],
  );
  const shape = [rows, 1, 1, cache];
  const visible = graph.node(
    "Less",
    [range, reshape(position, [rows, 1, 1, 1])],
    [{ type: "bool", shape }],
  )[0] as Value;
  return graph.node("Where", [visible, graph.scalar(0), graph.scalar(-1e9)], [{ shape }])[0] as Value;
}
