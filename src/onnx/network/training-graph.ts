/** One training step as a graph: forward, loss, backward, clipping, AdamW. */
import {
  add,
  adamw,
  gradients,
  Graph,
  multiply,
  readoutCrossEntropy,
  readoutDivergence,
  takeRows,
  toInt64,
  type AdamWOptions,
  type Value,
} from "../../graph/index.js";
import type { TransformerConfig } from "../files/config.js";
import {
  finalNorm,
  forward,
  isWide,
  readoutTable,
  type ForwardOptions,
  type Parameters,
  type Recompute,
} from "./forward.js";
import { declareLora, type LoraOptions } from "./lora.js";
import { declareParameters, stackedParameters } from "./parameters.js";
import { steer, type Steering } from "./steering.js";

/** What a step does besides learning from its rows; nothing by default. */
export interface TrainingExtras {
  /** While the rows are learned from; at every position. */
  readonly steering?: readonly Steering[];
  /** Rows that are held to stored distributions, unsteered, in a batch of this size. */
  readonly reference?: { readonly rows: number; readonly time: number; readonly capacity: number };
  /** What the backward pass computes again; by default parts of layers where the model is wide, else nothing. */
  readonly recompute?: Recompute;
  /** The gradient, times the feed `share`, is added to what is there (times the feed `keep`), and no weight moves. */
  readonly accumulates?: boolean;
  /** The weighted sum of losses is divided by the feed `total`, not by the sum of the weights. */
  readonly weighted?: boolean;
}

/** Where the gradient of a parameter is added up, in the engine. */
export const gradientName = (parameter: string): string => `gradient.${parameter}`;

/**
 * Key: B rows, T tokens a row, L positions that carry loss. With `lora`, only the adapter has gradients and moments.
 * Feeds: tokens [B, T], positions [L] into B·T, places [B·T] into L, targets [L], weights [L],
 * learningRate, correction1 and correction2; total where it is weighted; with steering its vectors; with a reference of K positions its own
 * reference.tokens, .positions, .places and .weights, reference.logProbabilities [K, V], and referenceWeight.
 * Fetches: loss; norm, of the gradient before clipping; with a reference, divergence, whose gradient counts referenceWeight times.
 */
export function trainingGraph(
  config: TransformerConfig,
  rows: number,
  time: number,
  capacity: number,
  name: (parameter: string) => string = (parameter) => parameter,
  options: AdamWOptions = {},
  lora?: LoraOptions,
  extras: TrainingExtras = {},
): Graph {
  const { steering = [], reference, accumulates = false, weighted = false } = extras;
  const { recompute = isWide(config) ? "parts" : "nothing" } = extras;
  const graph = new Graph();
  const parameters = declareParameters(graph, config, name, lora?.frozen);
  const adapter = lora && declareLora(graph, config, lora, name);
  const tokens = toInt64(graph.feed("tokens", "int32", [rows, time]));
  const positions = toInt64(graph.feed("positions", "int32", [capacity]));
  const targets = toInt64(graph.feed("targets", "int32", [capacity]));
  const weights = graph.feed("weights", "float32", [capacity]);
  const places = toInt64(graph.feed("places", "int32", [rows * time]));
  const adapt = adapter && { adapt: adapter.adapt };
  const residual = forward(graph, config, parameters, tokens, {
    ...adapt,
    recompute,
    ...(steering.length > 0 && { afterLayer: steer(graph, steering, config.width, rows) }),
  });
  const chosen = finalNorm(config, parameters, takeRows(residual, positions, places)); // [L, W]
  const table = readoutTable(config, parameters);
  const { loss } = readoutCrossEntropy(chosen, table, targets, weights, {
    cap: config.logitCap,
    frozen: lora !== undefined,
    ...(weighted && { total: graph.feed("total", "float32", []) }),
  });
  const trained: readonly Value[] = adapter ? adapter.values : stackedParameters(config).map((p) => parameters(p.name));
  let objective = accumulates ? multiply(loss, graph.feed("share", "float32", [])) : loss;
  if (reference) {
    const divergence = referenceDivergence(graph, config, parameters, reference, { ...adapt, recompute });
    graph.fetch("divergence", divergence);
    objective = add(objective, multiply(divergence, graph.feed("referenceWeight", "float32", [])));
  }
  graph.fetch("loss", loss);
  const found = gradients(objective, trained);
  if (accumulates) {
    const keep = graph.feed("keep", "float32", []);
    for (const [i, { name: parameter, shape }] of trained.entries()) {
      const sum = graph.stateTensor(gradientName(parameter), "float32", shape);
      graph.update(sum, add(multiply(sum, keep), found[i] as Value));
    }
  } else graph.fetch("norm", adamw(graph, trained, found, options));
  return graph;
}

/** A step of the optimiser with the gradients that were added up. Fetch: norm, before clipping. */
export function updateGraph(
  trained: readonly { readonly name: string; readonly shape: readonly number[] }[],
  options: AdamWOptions = {},
): Graph {
  const graph = new Graph();
  const parameters = trained.map(({ name, shape }) => graph.stateTensor(name, "float32", shape));
  const sums = trained.map(({ name, shape }) => graph.stateTensor(gradientName(name), "float32", shape));
  graph.fetch("norm", adamw(graph, parameters, sums, options));
  return graph;
}

/** How far the model is from the stored distributions, at the positions that carry loss. */
function referenceDivergence(
  graph: Graph,
  config: TransformerConfig,
  parameters: Parameters,
  { rows, time, capacity }: NonNullable<TrainingExtras["reference"]>,
  how: Pick<ForwardOptions, "adapt" | "recompute">,
): Value {
  const feed = (name: string, shape: readonly number[]): Value =>
    toInt64(graph.feed(`reference.${name}`, "int32", shape));
  const residual = forward(graph, config, parameters, feed("tokens", [rows, time]), how);
  const chosen = takeRows(residual, feed("positions", [capacity]), feed("places", [rows * time]));
  const stored = graph.feed("reference.logProbabilities", "float32", [capacity, config.vocabSize]);
  const weights = graph.feed("reference.weights", "float32", [capacity]);
  const hidden = finalNorm(config, parameters, chosen);
  return readoutDivergence(hidden, readoutTable(config, parameters), stored, weights, config.logitCap);
}
