/**
 * The two graphs of sampling: `prefillGraph` reads whole prompts, `decodeGraph` one new token a row. Keys and values
 * stay in caches of C positions; a run writes only what is new into them. Rows have lengths of their own; prompts are
 * padded on the right, and what the padding left in a cache is hidden until it is overwritten.
 * Key: B rows, S prompt length, C cache positions, W width, H heads, K key-value heads, G = H/K, D head width, V vocabulary.
 */
import {
  add,
  concatenate,
  eachTimes,
  gatherRows,
  Graph,
  inColumns,
  linear,
  matmul,
  multiply,
  reshape,
  rowsTimes,
  softCap,
  softmax,
  split,
  timesColumns,
  toInt64,
  type Value,
} from "../../graph/index.js";
import { architectureOf, type TransformerConfig } from "../architectures/index.js";
import {
  embed,
  finalNorm,
  forward,
  readoutTable,
  scoring,
  stacks,
  unadapted,
  type Adapt,
  type AfterLayer,
  type Parameters,
} from "./forward.js";
import { gainOf } from "./gain.js";
import type { LoraOptions } from "./lora.js";
import { declareParameters } from "./parameters.js";
import { HIDDEN, maskFor, rotations } from "./positions.js";

export interface DecodeOptions {
  /** Stacked parameter → engine name. */
  readonly name: (parameter: string) => string;
  /** Engine names of a layer's key and value cache. */
  readonly caches: (layer: number) => readonly [string, string];
  readonly adapt?: (graph: Graph) => Adapt;
  /** How the weights beside the adapter are held. */
  readonly frozen?: LoraOptions["frozen"];
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
  const parameters = declareParameters(graph, config, options.name, options.frozen);
  const tokens = toInt64(graph.feed("tokens", "int32", [rows, length]));
  const start = graph.feed("start", "int32", [rows]);
  const readAt = toInt64(graph.feed("readAt", "int32", [rows]));
  const residual = forward(graph, config, parameters, tokens, {
    attendInParts: true,
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
  const { width, heads, keyValueHeads, headDim, epsilon } = config;
  const groups = heads / keyValueHeads;
  const graph = new Graph();
  const parameters = declareParameters(graph, config, options.name, options.frozen);
  const adapt: Adapt = options.adapt?.(graph) ?? unadapted;
  const afterLayer: AfterLayer = options.afterLayer?.(graph) ?? ((_layer, x) => x);
  const tokens = toInt64(graph.feed("tokens", "int32", [rows]));
  const position = graph.feed("position", "int32", [rows]);
  const { norms, mlp } = architectureOf(config.modelType);
  const turn = rotations(graph, config, cache, reshape(toInt64(position), [rows, 1]));
  const past = maskFor((window) => pastMask(graph, position, cache, window)); // [B, 1, 1, C]
  const { qkv, mlp: gateUp } = stacks(config);
  const { scale, cap } = scoring(config);

  /** x̂ ⊙ gain over the last axis. */
  const normalize = (x: Value, norm: string): Value =>
    graph.node("SimplifiedLayerNormalization", [x, gainOf(config, parameters, norm)], [{ shape: x.shape }], {
      axis: -1,
      epsilon: { float: epsilon },
      stash_type: 1,
    })[0] as Value;
  /** The layers of one stack, each adapted. x [B, W] */
  const stacked = (layer: number, x: Value, y: Value, { parts, sizes }: typeof gateUp | typeof qkv): Value[] => {
    const each = split(
      y,
      parts.map(([, outputs]) => outputs),
      1,
    );
    const outputs = parts.map(([name], i) => adapt(layer, name, { x }, each[i] as Value));
    return parts.length === 1 ? split(outputs[0] as Value, sizes, 1) : outputs;
  };
  /** A row alone is read off fastest where nothing is packed and nothing turned. */
  const times = rows === 1 ? linear : rowsTimes;
  /** Adds what a layer wrote to the residual stream. */
  const added = (residual: Value, layer: number, name: "o" | "down", input: Value, product: Value): Value => {
    if (!norms.after) return adapt(layer, name, { x: input }, add(product, residual));
    const norm = name === "o" ? "attentionOutputNorm" : "mlpOutputNorm";
    return add(residual, normalize(adapt(layer, name, { x: input }, product), `layers.${layer}.${norm}`));
  };
  /** Queries or keys [B, count·D], normalised where the architecture does → [B, count, 1, D]. */
  const byHead = (x: Value, count: number, norm: string): Value => {
    const whole = norms.heads === "together" ? normalize(x, norm) : x;
    const parted = reshape(whole, [rows, count, 1, headDim]);
    return norms.heads === "each" ? normalize(parted, norm) : parted;
  };

  let x = embed(config, parameters, tokens); // [B, W]
  for (let layer = 0; layer < config.layers; layer++) {
    const at = `layers.${layer}`;
    const a = norms.before ? normalize(x, `${at}.attentionNorm`) : x;
    const bias = config.qkvBias ? parameters(`${at}.qkvBias`) : undefined;
    const product = times(a, parameters(`${at}.qkv`));
    const [q, k, v] = stacked(layer, a, bias ? add(product, bias) : product, qkv) as [Value, Value, Value];
    const key = turn(layer, byHead(k, keyValueHeads, `${at}.keyNorm`));
    const value = reshape(v, [rows, keyValueHeads, 1, headDim]);
    const [pastKeys, pastValues] = declareCaches(graph, config, rows, cache, options, layer);
    const turned = turn(layer, byHead(q, heads, `${at}.queryNorm`));
    const queries = reshape(turned, [rows, keyValueHeads, groups, headDim]);
    const scores = (keys: Value): Value => softCap(matmul(queries, keys, { transB: true, scale }), cap);
    const onCache = add(scores(pastKeys), past(config, layer)); // [B, K, G, C]
    const weights = softmax(concatenate([onCache, scores(key)], 3));
    const [onPast, onSelf] = split(weights, [cache, 1], 3) as [Value, Value];
    const mixed = add(eachTimes(onPast, pastValues), multiply(onSelf, value)); // [B, K, G, D]
    graph.append(pastKeys, key, position);
    graph.append(pastValues, value, position);
    const gathered = reshape(mixed, [rows, heads * headDim]);
    x = added(x, layer, "o", gathered, times(gathered, parameters(`${at}.output`)));
    const m = norms.before ? normalize(x, `${at}.mlpNorm`) : x;
    const into = parameters(`${at}.gateUp`);
    const outOf = parameters(`${at}.down`);
    if (options.adapt === undefined && rows > 1) {
      const written = inColumns(m, config.hidden, (part, columns) => {
        const both = split(timesColumns(into, part, columns), gateUp.sizes, 0) as [Value, Value];
        return timesColumns(outOf, mlp(...both), true);
      });
      x = added(x, layer, "down", m, written);
    } else {
      const h = mlp(...(stacked(layer, m, times(m, into), gateUp) as [Value, Value]));
      x = added(x, layer, "down", h, times(h, outOf));
    }
    x = afterLayer(layer, x);
  }
  readOut(graph, config, parameters, reshape(x, [rows, width]), options, times);
  return graph;
}

const cacheShape = (config: TransformerConfig, rows: number, cache: number): number[] => [
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
  times: typeof linear = rowsTimes,
): void {
  const logits = times(finalNorm(config, parameters, last), readoutTable(config, parameters));
  const capped = softCap(logits, config.logitCap);
  graph.fetch("probabilities", softmax(capped));
  if (!warm) return;
  const inverse = graph.feed("inverseTemperature", "float32", [last.shape[0] as number, 1]);
  graph.fetch("weights", softmax(multiply(capped, inverse)));
}

/** 0 at the positions before `position` [B] that its window holds, very negative elsewhere: [B, 1, 1, C]. */
function pastMask(graph: Graph, position: Value, cache: number, window: number): Value {
  const rows = position.shape[0] as number;
  const shape = [rows, 1, 1, cache];
  const range = (from: number): Value =>
    graph.constant(
      Int32Array.from({ length: cache }, (_, i) => from + i),
      [1, 1, 1, cache],
    );
  const own = reshape(position, [rows, 1, 1, 1]);
  const compare = (a: Value, b: Value): Value => graph.node("Less", [a, b], [{ type: "bool", shape }])[0] as Value;
  const earlier = compare(range(0), own);
  const visible =
    window >= cache
      ? earlier
      : (graph.node("And", [earlier, compare(own, range(window))], [{ type: "bool", shape }])[0] as Value);
  return graph.node("Where", [visible, graph.scalar(0), graph.scalar(HIDDEN)], [{ shape }])[0] as Value;
}
