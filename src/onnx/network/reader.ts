/**
 * Reads given texts: the residual stream after chosen layers at every position (taps), and the log-probability of
 * every token given those before it. The same forward graph as training, without its backward half.
 */
import {
  Graph,
  logSoftmax,
  readoutCrossEntropy,
  reshape,
  toInt64,
  type Engine,
  type Program,
} from "../../graph/index.js";
import type { Patch, SteeredReadingOptions } from "../../capabilities/index.js";
import type { TrainingRow } from "./batch.js";
import type { TransformerConfig } from "../files/config.js";
import { finalNorm, forward, logitsOf, readoutTable } from "./forward.js";
import { declareLora, type LoraOptions } from "./lora.js";
import { declareParameters } from "./parameters.js";
import { checkSteering, steer, steeringFeeds, steeringKey, steersAnswersOnly, type Steering } from "./steering.js";

export interface ReadOptions extends SteeredReadingOptions {
  /** Changes what is read: a tap after a steered layer sees the change. */
  readonly steering?: readonly Steering[];
}

interface Wanted {
  readonly layers: readonly number[];
  /** Of every next token: of the one that follows, of all. */
  readonly logProbabilities: "none" | "next" | "all";
}

const ROUND_TIME = 16;
/** Numbers of a batch that are in memory at a time: 2²⁶ in float32 are 256 MiB. */
const MOST_NUMBERS = 2 ** 26;

export class Reader {
  readonly #engine: Engine;
  readonly #config: TransformerConfig;
  readonly #scope: string;
  readonly #rows: number;
  readonly #lora: LoraOptions | undefined;
  readonly #programs = new Map<string, Program>();

  /**
   * `scope` names the weights in the engine, as a Trainer or a Sampler does; `rows` are read at a time, default 32;
   * with `lora` the adapter of that scope is applied, unmerged.
   */
  constructor(options: {
    engine: Engine;
    config: TransformerConfig;
    scope: string;
    rows?: number;
    lora?: LoraOptions | undefined;
  }) {
    this.#engine = options.engine;
    this.#config = options.config;
    this.#scope = options.scope;
    this.#rows = options.rows ?? 32;
    this.#lora = options.lora;
  }

  /** The residual stream of every text (its token ids) after each of `layers` (0-based): layer → [tokens, width]. */
  async activations(
    texts: readonly (readonly number[])[],
    layers: readonly number[],
    options: ReadOptions = {},
  ): Promise<Map<number, Float32Array>[]> {
    this.#requireLayers(layers);
    const results: Map<number, Float32Array>[] = [];
    await this.#read(texts, { layers, logProbabilities: "none" }, options, (index, row, time, outputs) => {
      results[index] = this.#taps(layers, (texts[index] as readonly number[]).length, row, time, outputs);
    });
    return results;
  }

  /** Natural-log probability of every token but the first, given those before it: [tokens − 1] for each text. */
  async logProbabilities(texts: readonly (readonly number[])[], options: ReadOptions = {}): Promise<Float32Array[]> {
    const results: Float32Array[] = [];
    await this.#read(texts, { layers: [], logProbabilities: "next" }, options, (index, row, time, outputs) => {
      const start = row * time;
      const length = (texts[index] as readonly number[]).length - 1;
      results[index] = (outputs["logProbabilities"] as Float32Array).slice(start, start + length);
    });
    return results;
  }

  /**
   * What the model thinks of the answered tokens of every row, given those before: natural-log probabilities of all V
   * tokens, [answered tokens, V]. A Trainer can hold a model to them.
   */
  async distributions(
    rows: readonly TrainingRow[],
    options: Pick<ReadOptions, "signal"> = {},
  ): Promise<Float32Array[]> {
    const results: Float32Array[] = [];
    const { vocabSize } = this.#config;
    const texts = rows.map(({ ids }) => ids);
    await this.#read(texts, { layers: [], logProbabilities: "all" }, options, (index, row, time, outputs) => {
      const all = outputs["distributions"] as Float32Array;
      const { answer } = rows[index] as TrainingRow;
      // The token at i is foretold at i − 1, as in `assemble`; the first has nothing before it.
      const foretold = answer.flatMap((own, i) => (own && i > 0 ? [row * time + i - 1] : []));
      const result = new Float32Array(foretold.length * vocabSize);
      foretold.forEach((at, i) => result.set(all.subarray(at * vocabSize, (at + 1) * vocabSize), i * vocabSize));
      results[index] = result;
    });
    return results;
  }

  #requireLayers(layers: readonly number[]): void {
    for (const layer of layers) {
      if (!Number.isInteger(layer) || layer < 0 || layer >= this.#config.layers) {
        throw new RangeError(`activations: layer ${layer} is not one of 0 … ${this.#config.layers - 1}`);
      }
    }
  }

  /** The taps of one text of `length` tokens, in row `row` of a batch. */
  #taps(
    layers: readonly number[],
    length: number,
    row: number,
    time: number,
    outputs: Record<string, Float32Array | Int32Array>,
  ): Map<number, Float32Array> {
    const { width } = this.#config;
    const start = row * time * width;
    return new Map(
      layers.map((layer) => [layer, (outputs[tapName(layer)] as Float32Array).slice(start, start + length * width)]),
    );
  }

  async close(): Promise<void> {
    for (const program of this.#programs.values()) await this.#engine.release(program);
    this.#programs.clear();
  }

  async #read(
    texts: readonly (readonly number[])[],
    wanted: Wanted,
    { steering = [], answersFrom, patch, signal }: ReadOptions,
    onText: (index: number, row: number, time: number, outputs: Record<string, Float32Array | Int32Array>) => void,
  ): Promise<void> {
    const { layers, width, maxPositions } = this.#config;
    checkSteering(steering, layers, width, texts.length);
    const masked = steersAnswersOnly(steering);
    if (masked && answersFrom?.length !== texts.length) {
      throw new RangeError(
        `reading: steering of answers needs answersFrom for ${texts.length} texts, found ${answersFrom?.length ?? "none"}`,
      );
    }
    for (const ids of texts) {
      if (ids.length === 0) throw new RangeError("reading: a text has no tokens");
      if (ids.length > maxPositions) {
        throw new RangeError(`reading: a text of ${ids.length} tokens exceeds the model's ${maxPositions} positions`);
      }
    }
    // Texts of like length go together, so that little of a batch is padding.
    const lengthOf = (index: number): number => (texts[index] as readonly number[]).length;
    const order = texts.map((_, index) => index).toSorted((a, b) => lengthOf(a) - lengthOf(b));
    for (let start = 0; start < order.length;) {
      signal?.throwIfAborted();
      const timeOf = (index: number): number => Math.ceil(lengthOf(index) / ROUND_TIME) * ROUND_TIME;
      const fits = (count: number): boolean => {
        const last = order[start + count - 1];
        return last !== undefined && count * timeOf(last) * this.#numbers(wanted) <= MOST_NUMBERS;
      };
      let count = 1;
      while (count < this.#rows && fits(count + 1)) count++;
      const chosen = order.slice(start, start + count);
      const time = timeOf(chosen.at(-1) as number);
      // As many rows as texts, but of few sizes: each is a program.
      const rows = Math.min(this.#rows, 2 ** Math.ceil(Math.log2(count)));
      const tokens = new Int32Array(rows * time);
      const targets = new Int32Array(rows * time);
      chosen.forEach((index, row) => {
        const ids = texts[index] as readonly number[];
        tokens.set(ids, row * time);
        targets.set(ids.slice(1), row * time);
      });
      const program = await this.#program(rows, time, wanted, steering, patch?.layer);
      const feeds = { ...steeringFeeds(steering, rows, chosen), tokens, targets };
      const answers = masked ? { answers: answerPlaces(chosen, answersFrom as readonly number[], rows, time) } : {};
      const patched = patch ? { patch: patchedRows(patch, chosen, lengthOf, { rows, time, width }) } : {};
      const outputs = await this.#engine.run(program, { ...feeds, ...answers, ...patched });
      chosen.forEach((index, row) => onText(index, row, time, outputs));
      start += chosen.length;
    }
  }

  /** Numbers of a token that are in memory at a time: in the widest layer, what is tapped, and logits that are asked for. */
  #numbers({ layers, logProbabilities }: Wanted): number {
    const { width, hidden, vocabSize } = this.#config;
    const logits = logProbabilities === "all" ? 2 * vocabSize : 0;
    return Math.max(3 * hidden + 4 * width, logits) + layers.length * width;
  }

  async #program(
    rows: number,
    time: number,
    wanted: Wanted,
    steering: readonly Steering[],
    patched: number | undefined,
  ): Promise<Program> {
    const key = [rows, time, wanted.layers.join(), wanted.logProbabilities, steeringKey(steering), patched].join(" ");
    const known = this.#programs.get(key);
    if (known) return known;
    const program = await this.#engine.load(this.#graph(rows, time, wanted, steering, patched));
    this.#programs.set(key, program);
    return program;
  }

  /** @param patched the layer after which fed activations take the residual stream's place */
  #graph(rows: number, time: number, wanted: Wanted, steering: readonly Steering[], patched?: number): Graph {
    const graph = new Graph();
    const config = this.#config;
    const name = (parameter: string): string => `${this.#scope}.${parameter}`;
    const parameters = declareParameters(graph, config, name, this.#lora?.frozen);
    const adapter = this.#lora && declareLora(graph, config, this.#lora, name);
    const tokens = toInt64(graph.feed("tokens", "int32", [rows, time]));
    const answers = steersAnswersOnly(steering) ? graph.feed("answers", "float32", [rows * time, 1]) : undefined;
    const change = steer(graph, steering, config.width, rows, answers);
    const residual = forward(graph, config, parameters, tokens, {
      attendInParts: true,
      ...(adapter && { adapt: adapter.adapt }),
      afterLayer: (layer, x) => {
        const changed =
          layer === patched ? graph.feed("patch", "float32", [rows * time, config.width]) : change(layer, x);
        if (wanted.layers.includes(layer)) graph.fetch(tapName(layer), reshape(changed, [rows, time, config.width]));
        return changed;
      },
    });
    if (wanted.logProbabilities === "all") {
      graph.fetch("distributions", logSoftmax(logitsOf(config, parameters, residual))); // [rows · time, V]
    } else if (wanted.logProbabilities === "next") {
      const targets = toInt64(graph.feed("targets", "int32", [rows * time]));
      const hidden = finalNorm(config, parameters, residual);
      const table = readoutTable(config, parameters);
      const even = graph.constant(new Float32Array(rows * time).fill(1), [rows * time]);
      const { logProbabilities } = readoutCrossEntropy(hidden, table, targets, even, { cap: config.logitCap });
      graph.fetch("logProbabilities", logProbabilities);
    }
    return graph;
  }
}

const tapName = (layer: number): string => `after.${layer}`;

/** [rows · time]: 1 from where the answer of each chosen text begins. */
function answerPlaces(chosen: readonly number[], from: readonly number[], rows: number, time: number): Float32Array {
  const places = new Float32Array(rows * time);
  chosen.forEach((index, row) => places.fill(1, row * time + Math.min(time, from[index] as number), (row + 1) * time));
  return places;
}

/** The chosen texts' activations as one batch, [rows · time, W]; rows that are filled up are zeros. */
function patchedRows(
  { activations }: Patch,
  chosen: readonly number[],
  lengthOf: (index: number) => number,
  { rows, time, width }: { readonly rows: number; readonly time: number; readonly width: number },
): Float32Array {
  const all = new Float32Array(rows * time * width);
  chosen.forEach((index, row) => {
    const size = lengthOf(index) * width;
    if (activations instanceof Float32Array) {
      if (activations.length !== width) {
        throw new RangeError(`patch: the vector has ${activations.length} elements, the model's width is ${width}`);
      }
      for (let at = 0; at < size; at += width) all.set(activations, row * time * width + at);
      return;
    }
    const own = activations[index];
    if (own?.length !== size) {
      throw new RangeError(
        `patch: text ${index} has ${own?.length ?? "no"} numbers, expected ${size} ([tokens, width])`,
      );
    }
    all.set(own, row * time * width);
  });
  return all;
}
