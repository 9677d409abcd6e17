/**
 * Reads the same texts again and again while a model changes: prompts, each with several continuations, of which each is
 * read as if it alone followed. A prompt is read once for all of them, and only what is asked for leaves the graph.
 */
import {
  gatherRows,
  Graph,
  linear,
  readoutCrossEntropy,
  reshape,
  toInt64,
  type Engine,
  type Program,
} from "../../graph/index.js";
import type { Branches, BranchOptions, BranchReading } from "../../capabilities/index.js";
import type { TransformerConfig } from "../files/config.js";
import { branchedRow, type BranchedRow } from "./branched-row.js";
import { finalNorm, forward, readoutTable } from "./forward.js";
import { declareLora, type LoraOptions } from "./lora.js";
import { declareParameters } from "./parameters.js";

export type { BranchReading };

export interface BranchReaderOptions extends BranchOptions {
  readonly engine: Engine;
  readonly config: TransformerConfig;
  /** Names the weights in the engine, as a Trainer does. */
  readonly scope: string;
  /** The adapter of that scope is applied, unmerged. */
  readonly lora?: LoraOptions | undefined;
}

/** Logits in memory at a time: 2²⁵ float32 numbers are 128 MiB. */
const MOST_LOGITS = 2 ** 25;
const MOST_ROWS = 64;

/** Texts that are read in one run, a row each. */
interface Portion {
  readonly texts: readonly { readonly index: number; readonly row: BranchedRow }[];
  readonly time: number;
}

export class BranchReader implements Branches {
  readonly #portions: readonly Portion[];
  readonly #programs: Program[] = [];

  constructor(private readonly options: BranchReaderOptions) {
    const { config, texts, vectors } = options;
    if (vectors.length !== config.layers || vectors.some(({ length }) => length !== config.width)) {
      throw new RangeError(`branches: expected a vector of ${config.width} for each of ${config.layers} layers`);
    }
    const rows = texts.map((text, index) => ({ index, row: branchedRow(text, config.maxPositions) }));
    this.#portions = portionsOf(rows, config.vocabSize);
  }

  /** The readings of all texts, of the weights as they are now. */
  async read(signal?: AbortSignal): Promise<BranchReading[]> {
    const { engine, config, vectors, layers = [] } = this.options;
    const readings: BranchReading[] = [];
    for (const [i, portion] of this.#portions.entries()) {
      signal?.throwIfAborted();
      const program = (this.#programs[i] ??= await engine.load(this.#graph(portion), { keepMemory: true }));
      const outputs = await engine.run(program, {});
      let [at, said] = [0, 0];
      for (const { index, row } of portion.texts) {
        const [to, end] = [at + row.read.length, said + row.foretold.length];
        const part = (name: string, width = 1): Float32Array =>
          (outputs[name] as Float32Array).slice(at * width, to * width);
        readings[index] = {
          along: vectors.map((_, layer) => part(`along.${layer}`)),
          logProbabilities: (outputs["logProbabilities"] as Float32Array).slice(said, end),
          activations: new Map(layers.map((layer) => [layer, part(`after.${layer}`, config.width)])),
        };
        [at, said] = [to, end];
      }
    }
    return readings;
  }

  async close(): Promise<void> {
    for (const program of this.#programs.splice(0)) await this.options.engine.release(program);
  }

  #graph({ texts, time }: Portion): Graph {
    const { config, scope, lora, vectors, layers = [] } = this.options;
    const graph = new Graph();
    const name = (parameter: string): string => `${scope}.${parameter}`;
    const parameters = declareParameters(graph, config, name, lora?.frozen);
    const adapter = lora && declareLora(graph, config, lora, name);
    const whole = (numbers: readonly number[], shape: readonly number[] = [numbers.length]) =>
      toInt64(graph.constant(Int32Array.from(numbers), shape));
    const padded = (of: (row: BranchedRow) => readonly number[]): number[] =>
      texts.flatMap(({ row }) => Array.from({ length: time }, (_, i) => of(row)[i] ?? 0));
    const placed = (of: (row: BranchedRow) => readonly number[]): number[] =>
      texts.flatMap(({ row }, i) => of(row).map((at) => i * time + at));
    const read = whole(placed((row) => row.read));
    const tokens = whole(
      padded((row) => row.tokens),
      [texts.length, time],
    );
    const residual = forward(graph, config, parameters, tokens, {
      ...(adapter && { adapt: adapter.adapt }),
      arrangement: {
        positions: whole(
          padded((row) => row.positions),
          [texts.length, time],
        ),
        branch: graph.constant(Float32Array.from(padded((row) => row.branch)), [texts.length, time]),
      },
      afterLayer: (layer, x) => {
        const taken = gatherRows(x, read); // [M, W]
        const vector = graph.constant(vectors[layer] as Float32Array, [1, config.width]);
        graph.fetch(`along.${layer}`, reshape(linear(taken, vector), [taken.shape[0] as number]));
        if (layers.includes(layer)) graph.fetch(`after.${layer}`, taken);
        return x;
      },
    });
    const targets = texts.flatMap(({ row }) => row.read.slice(1).map((at) => row.tokens[at] as number));
    const foretold = gatherRows(residual, whole(placed((row) => row.foretold)));
    const even = graph.constant(new Float32Array(targets.length).fill(1), [targets.length]);
    const hidden = finalNorm(config, parameters, foretold);
    const table = readoutTable(config, parameters);
    const { logProbabilities } = readoutCrossEntropy(hidden, table, whole(targets), even, { cap: config.logitCap });
    graph.fetch("logProbabilities", logProbabilities);
    return graph;
  }
}

/** Rows of like length go together, so that little is padding. */
function portionsOf(
  rows: readonly { readonly index: number; readonly row: BranchedRow }[],
  vocabSize: number,
): Portion[] {
  const portions: { index: number; row: BranchedRow }[][] = [];
  let logits = 0;
  for (const one of rows.toSorted((a, b) => a.row.tokens.length - b.row.tokens.length)) {
    const more = one.row.foretold.length * vocabSize;
    const last = portions.at(-1);
    if (last && last.length < MOST_ROWS && logits + more <= MOST_LOGITS) {
      last.push(one);
      logits += more;
    } else {
      portions.push([one]);
      logits = more;
    }
  }
  return portions.map((texts) => ({ texts, time: texts.at(-1)?.row.tokens.length ?? 0 }));
}
