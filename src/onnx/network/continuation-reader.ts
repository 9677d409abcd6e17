/**
 * Log-probabilities of continuations of prompts. A prompt is read once for several of its continuations, and only these
 * are read out over the vocabulary, which is much of the work of a small model.
 */
import { gatherRows, Graph, readoutCrossEntropy, toInt64, type Engine, type Program } from "../../graph/index.js";
import type { BranchedText, ReadingOptions } from "../../capabilities/index.js";
import type { TransformerConfig } from "../files/config.js";
import { branchedRow, type BranchedRow } from "./branched-row.js";
import { finalNorm, forward, readoutTable } from "./forward.js";
import { declareLora, type LoraOptions } from "./lora.js";
import { declareParameters } from "./parameters.js";
import type { Reader } from "./reader.js";

/** How much longer a multiplication takes between queries and keys than in a linear layer, as measured. */
const COST_OF_SCORES = 8;
/** Longer texts are read by the plain reader, whose attention takes memory in parts. */
const LONGEST = 1024;
/** Numbers of a batch that are in memory at a time: 2²⁶ in float32 are 256 MiB. */
const MOST_NUMBERS = 2 ** 26;
const MOST_ROWS = 32;
/** Sizes are rounded, so that few programs serve all texts. */
const ROUND_TIME = 16;
const READ_OUT_SIZES = 8;

export interface ContinuationReaderOptions {
  readonly engine: Engine;
  readonly config: TransformerConfig;
  /** Names the weights in the engine, as a Trainer does. */
  readonly scope: string;
  /** The adapter of that scope is applied, unmerged. */
  readonly lora?: LoraOptions | undefined;
  /** Reads what is long, of the same weights. */
  readonly plain: Pick<Reader, "logProbabilities">;
}

/** Some continuations of a text, in a row. */
interface Part {
  readonly text: number;
  /** Which of the text's branches they are. */
  readonly branches: readonly number[];
  readonly row: BranchedRow;
}

interface Size {
  readonly rows: number;
  readonly time: number;
  /** Tokens that are read out. */
  readonly capacity: number;
}

export class ContinuationReader {
  readonly #programs = new Map<string, Program>();

  constructor(private readonly options: ContinuationReaderOptions) {}

  /** See {@link Reading.continuations}. */
  async logProbabilities(
    texts: readonly BranchedText[],
    { signal }: Pick<ReadingOptions, "signal"> = {},
  ): Promise<Float32Array[][]> {
    const { config, plain } = this.options;
    const results = texts.map(({ branches }): Float32Array[] => branches.map(() => new Float32Array()));
    const keep = (text: number, branch: number, logs: Float32Array): void => {
      (results[text] as Float32Array[])[branch] = logs;
    };
    const parts = texts.flatMap((text, i) => partsOf(text, i, config));
    const isLong = ({ row }: Part): boolean => row.tokens.length > LONGEST;
    for (const { text, branches, row } of parts.filter(isLong)) {
      const [logs] = await plain.logProbabilities([row.tokens], signal && { signal });
      keep(text, branches[0] as number, (logs as Float32Array).slice((texts[text] as BranchedText).prompt.length - 1));
    }
    for (const batch of this.#batches(parts.filter((part) => !isLong(part)))) {
      signal?.throwIfAborted();
      const logs = await this.#read(batch);
      let at = 0;
      for (const { text, branches } of batch) {
        for (const branch of branches) {
          const { length } = (texts[text] as BranchedText).branches[branch] as readonly number[];
          keep(text, branch, logs.slice(at, (at += length)));
        }
      }
    }
    return results;
  }

  async close(): Promise<void> {
    for (const program of this.#programs.values()) await this.options.engine.release(program);
    this.#programs.clear();
  }

  /** Rows of like length go together, so that little of a batch is padding. */
  #batches(parts: readonly Part[]): Part[][] {
    const { width, hidden, heads } = this.options.config;
    const batches: Part[][] = [];
    for (const part of parts.toSorted((a, b) => a.row.tokens.length - b.row.tokens.length)) {
      const time = roundUp(part.row.tokens.length, ROUND_TIME);
      const each = time * (3 * hidden + 4 * width + heads * time);
      const last = batches.at(-1);
      if (last && last.length < MOST_ROWS && (last.length + 1) * each <= MOST_NUMBERS) last.push(part);
      else batches.push([part]);
    }
    return batches;
  }

  /** Of all tokens of the batch's continuations, in their order. */
  async #read(batch: readonly Part[]): Promise<Float32Array> {
    const time = roundUp(Math.max(...batch.map(({ row }) => row.tokens.length)), ROUND_TIME);
    const rows = Math.min(MOST_ROWS, 2 ** Math.ceil(Math.log2(batch.length)));
    const count = batch.reduce((sum, { row }) => sum + row.foretold.length, 0);
    const size: Size = { rows, time, capacity: roundUp(count, Math.ceil((rows * time) / READ_OUT_SIZES)) };
    const [tokens, positions] = [new Int32Array(rows * time), new Int32Array(rows * time)];
    const branch = new Float32Array(rows * time);
    const [foretold, targets] = [new Int32Array(size.capacity), new Int32Array(size.capacity)];
    let said = 0;
    for (const [i, { row }] of batch.entries()) {
      tokens.set(row.tokens, i * time);
      positions.set(row.positions, i * time);
      branch.set(row.branch, i * time);
      for (const [k, from] of row.foretold.entries()) {
        foretold[said] = i * time + from;
        targets[said++] = row.tokens[row.read[k + 1] as number] as number;
      }
    }
    const program = await this.#program(size);
    const outputs = await this.options.engine.run(program, { tokens, positions, branch, foretold, targets });
    return (outputs["logProbabilities"] as Float32Array).subarray(0, said);
  }

  async #program(size: Size): Promise<Program> {
    const key = Object.values(size).join(" ");
    const known = this.#programs.get(key) ?? (await this.options.engine.load(this.#graph(size)));
    this.#programs.set(key, known);
    return known;
  }

  #graph({ rows, time, capacity }: Size): Graph {
    const { config, scope, lora } = this.options;
    const graph = new Graph();
    const name = (parameter: string): string => `${scope}.${parameter}`;
    const parameters = declareParameters(graph, config, name, lora?.frozen);
    const adapter = lora && declareLora(graph, config, lora, name);
    const numbers = (feed: string, shape: readonly number[]) => toInt64(graph.feed(feed, "int32", shape));
    const residual = forward(graph, config, parameters, numbers("tokens", [rows, time]), {
      ...(adapter && { adapt: adapter.adapt }),
      arrangement: {
        positions: numbers("positions", [rows, time]),
        branch: graph.feed("branch", "float32", [rows, time]),
      },
    });
    const hidden = finalNorm(config, parameters, gatherRows(residual, numbers("foretold", [capacity])));
    const even = graph.constant(new Float32Array(capacity).fill(1), [capacity]);
    const table = readoutTable(config, parameters);
    const { logProbabilities } = readoutCrossEntropy(hidden, table, numbers("targets", [capacity]), even, {
      cap: config.logitCap,
    });
    graph.fetch("logProbabilities", logProbabilities);
    return graph;
  }
}

const roundUp = (count: number, to: number): number => Math.ceil(count / to) * to;

/** As many continuations in a row as make it cheapest for each of them, in their order. */
function partsOf({ prompt, branches }: BranchedText, text: number, config: TransformerConfig): Part[] {
  const rows: number[][] = [];
  let [length, cost] = [0, Infinity];
  for (const [i, branch] of branches.entries()) {
    const row = rows.at(-1) ?? [];
    const together = costOf(length + branch.length, config);
    if (row.length > 0 && together / (row.length + 1) < cost / row.length) {
      row.push(i);
      [length, cost] = [length + branch.length, together];
    } else {
      rows.push([i]);
      length = prompt.length + branch.length;
      cost = costOf(length, config);
    }
  }
  return rows.map((chosen) => {
    const own = chosen.map((i) => branches[i] as readonly number[]);
    return { text, branches: chosen, row: branchedRow({ prompt, branches: own }, config.maxPositions) };
  });
}

/**
 * Multiplications that a layer takes for a row. Continuations that share one save their prompt, and pay for scores
 * between them that nothing needs: in a narrow model those cost more.
 */
function costOf(length: number, { width, hidden, heads, keyValueHeads, headDim }: TransformerConfig): number {
  const linear = 2 * width * headDim * (heads + keyValueHeads) + 3 * width * hidden;
  return length * linear + COST_OF_SCORES * 2 * heads * headDim * length ** 2;
}
