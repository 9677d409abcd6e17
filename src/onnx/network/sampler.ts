/** Batched sampling from a decoder: prompts in, answers out, each from a random stream of its own. */
import type { Engine, Program, Tensors } from "../../graph/index.js";
import { Random } from "../../statistics/index.js";
import type { TransformerConfig } from "../files/config.js";
import { choose, likeliestTokens, type TokenAlternative } from "./choose.js";
import type { LoraOptions } from "./lora.js";
import { moveUp, placed, textsByRow, type OpenRow } from "./placed-row.js";
import { SamplerPrograms, type BatchShape } from "./sampler-programs.js";
import {
  checkSteering,
  promptSteering,
  steeringFeeds,
  steeringFor,
  steersAnswersOnly,
  type Steering,
} from "./steering.js";

export interface PromptRow {
  readonly ids: readonly number[];
  /** Names this row's random stream. */
  readonly seed: string;
  /** Longest answer to this prompt in tokens; default what the options say. */
  readonly maxTokens?: number | undefined;
}

export interface SamplingOptions {
  /** 0 takes the likeliest token; default 1. */
  readonly temperature?: number;
  /** Smallest set of likeliest tokens with at least this much probability; default 1 (all). */
  readonly topP?: number;
  /** Longest answer in tokens; default 128. */
  readonly maxTokens?: number;
  /** Ids that end an answer; they are not part of it. */
  readonly stop: readonly number[];
  /** So many of the likeliest tokens are told at every place; default 0. */
  readonly alternatives?: number;
  /** Hears of every token as it is sampled, but of no stop token; `true` ends the answer of that prompt with it. */
  readonly onToken?: (index: number, token: SampledToken) => boolean;
  readonly steering?: readonly Steering[];
  readonly signal?: AbortSignal;
}

export interface SampledToken extends TokenAlternative {
  /** Likeliest first; as many as were asked for. */
  readonly alternatives: readonly TokenAlternative[];
}

export interface SampledRow {
  readonly ids: number[];
  /** Natural-log probability of each sampled token at temperature 1, the stop token's last where there is one. */
  readonly logProbabilities: number[];
  /** `stop`: by a stop token or by `onToken`. */
  readonly finish: "stop" | "length";
}

/** Rows of the smallest batch, unless another is asked for: a product with one row adds up in another order. */
const SMALLEST = 8;
/** Tokens that a batch is decoded by before it is read again. */
const WINDOW = 128;

export class Sampler {
  readonly #engine: Engine;
  readonly #config: TransformerConfig;
  readonly #sizes: readonly number[];
  readonly #programs: SamplerPrograms;
  /** The window that has the caches now; the next one, of this or another call, waits for it. */
  #busy: Promise<unknown> = Promise.resolve();

  /**
   * `scope` names the weights in the engine (a Trainer's scope works: the two share them);
   * `rows` are decoded at a time, default 64, and fewer, in eighths, where there are fewer. Several numbers are the sizes
   * themselves; a row alone is fastest and may round otherwise. With `lora` the adapter of that scope is applied, unmerged.
   */
  constructor(options: {
    engine: Engine;
    config: TransformerConfig;
    scope: string;
    rows?: number | readonly number[];
    lora?: LoraOptions | undefined;
  }) {
    this.#engine = options.engine;
    this.#config = options.config;
    const { rows = 64 } = options;
    this.#sizes = typeof rows === "number" ? ladder(rows) : rows.toSorted((a, b) => a - b);
    this.#programs = new SamplerPrograms(options.engine, options.config, options.scope, options.lora);
  }

  /** Samples one answer for every prompt; calls may overlap and then take turns, a window of tokens each. `onRow` is called as each is finished. Results are in the prompts' order. */
  async sample(
    prompts: readonly PromptRow[],
    options: SamplingOptions,
    onRow?: (index: number, row: SampledRow) => void,
  ): Promise<SampledRow[]> {
    checkSteering(options.steering ?? [], this.#config.layers, this.#config.width, prompts.length);
    this.#check(prompts, options);
    const { onToken } = options;
    const results: SampledRow[] = [];
    // Prompts of like length go together, so that little of a batch is padding.
    const order = prompts
      .map((_, i) => i)
      .toSorted((a, b) => (prompts[a] as PromptRow).ids.length - (prompts[b] as PromptRow).ids.length);
    const most = this.#sizes.at(-1) as number;
    for (let start = 0; start < order.length; start += most) {
      const chosen = order.slice(start, start + most);
      const own = { ...options, ...(options.steering && { steering: steeringFor(options.steering, chosen) }) };
      await this.#wave(
        chosen.map((i) => prompts[i] as PromptRow),
        onToken ? { ...own, onToken: (at, token) => onToken(chosen[at] as number, token) } : own,
        (at, row) => {
          const index = chosen[at] as number;
          results[index] = row;
          onRow?.(index, row);
        },
      );
    }
    return results;
  }

  async close(): Promise<void> {
    await this.#programs.close();
  }

  /**
   * Answers one batch, at most WINDOW tokens at a time: what is longer is read again, with its answer so far, into a
   * larger cache. Most answers are far shorter than they may be, and a cache costs by its size.
   */
  async #wave(
    prompts: readonly PromptRow[],
    options: SamplingOptions,
    onRow: (at: number, row: SampledRow) => void,
  ): Promise<void> {
    let open = prompts.map(({ ids, seed, maxTokens }, at): OpenRow => ({
      at,
      prompt: ids,
      stream: Random.of("answer", seed),
      limit: maxTokens ?? options.maxTokens ?? 128,
      ids: [],
      logProbabilities: [],
    }));
    while (open.length > 0) {
      const rows = open;
      const window = this.#busy.then(() => this.#window(rows, options, onRow));
      this.#busy = window.catch(() => undefined);
      open = await window;
    }
  }

  /** Returns the rows that are not finished. */
  async #window(
    given: readonly OpenRow[],
    options: SamplingOptions,
    onRow: (at: number, row: SampledRow) => void,
  ): Promise<OpenRow[]> {
    const { temperature = 1, steering = [], signal } = options;
    const { maxPositions } = this.#config;
    const length = roundUp(Math.max(...given.map(({ prompt, ids }) => prompt.length + ids.length)), 16);
    // Read again, an answer would pass for prompt: it must not where the two are steered apart.
    const most = steersAnswersOnly(steering) ? maxPositions : WINDOW;
    const window = Math.min(most, Math.max(...given.map(({ limit, ids }) => limit - ids.length)));
    const cache = roundUp(Math.max(length, Math.min(length + window, maxPositions)), 32);
    const warm = temperature !== 0 && temperature !== 1;
    const shapeOf = (count: number): BatchShape => ({ rows: this.#rowsFor(count), cache, warm });

    let open = placed(given, steering);
    let shape = shapeOf(open.length);
    await this.#programs.reserve(shape);
    const texts = open.filter(({ row, text }) => row === text).map(({ answer }) => answer);
    let output = await this.#read(texts, length, shapeOf(texts.length), options);
    const doubles = open.filter(({ row, text }) => row !== text);
    await this.#programs.copyRows(
      cache,
      doubles.map(({ row, text }) => ({ from: text, to: row })),
    );
    const readAt = new Map(open.map(({ answer, text }) => [answer, text]));
    let step: { readonly program: Program; readonly feeds: Tensors } | undefined;
    for (let made = 1; ; made++) {
      signal?.throwIfAborted();
      open = open.filter(({ answer, row }) => {
        const finish = this.#choose(answer, output, (made === 1 ? readAt.get(answer) : undefined) ?? row, options);
        const { at, ids, logProbabilities } = answer;
        if (finish !== undefined) onRow(at, { ids, logProbabilities, finish });
        return finish === undefined;
      });
      if (open.length === 0 || made === window) return open.map(({ answer }) => answer);
      // Rows of finished answers cost as much as others: those that are open move together into a smaller batch.
      const needed = shapeOf(open.length);
      if (step === undefined || needed.rows < shape.rows) {
        await this.#programs.copyRows(cache, moveUp(open, needed.rows));
        shape = needed;
        step = {
          program: await this.#programs.program("decode", 1, shape, steering),
          feeds: {
            ...steeringFeeds(steering, shape.rows, textsByRow(open)),
            ...warmth(shape, options),
          },
        };
      }
      const tokens = new Int32Array(shape.rows);
      const position = new Int32Array(shape.rows);
      for (const { row, answer } of open) {
        tokens[row] = answer.ids.at(-1) as number;
        position[row] = answer.prompt.length + answer.ids.length - 1;
      }
      output = await this.#engine.run(step.program, { ...step.feeds, tokens, position });
    }
  }

  /** Reads texts into the first rows of the caches; gives what may follow each of them. */
  async #read(
    given: readonly OpenRow[],
    length: number,
    shape: BatchShape,
    options: SamplingOptions,
  ): Promise<Tensors> {
    const beforeAnswer = promptSteering(options.steering ?? []);
    const program = await this.#programs.program("prefill", length, shape, beforeAnswer);
    const tokens = new Int32Array(shape.rows * length);
    const readAt = new Int32Array(shape.rows);
    given.forEach(({ prompt, ids }, row) => {
      const text = [...prompt, ...ids];
      tokens.set(text, row * length);
      readAt[row] = row * length + text.length - 1;
    });
    const places = given.map(({ at }) => at);
    const steering = steeringFeeds(beforeAnswer, shape.rows, places);
    const start = new Int32Array(shape.rows);
    return this.#engine.run(program, { ...steering, ...warmth(shape, options), tokens, readAt, start });
  }

  /** Draws an answer's next token from a row of what a program gave. Returns how the answer ended, if it did. */
  #choose(
    answer: OpenRow,
    output: Tensors,
    row: number,
    { temperature = 1, topP = 1, stop, alternatives = 0, onToken }: SamplingOptions,
  ): SampledRow["finish"] | undefined {
    const { vocabSize } = this.#config;
    const part = (name: string): Float32Array =>
      (output[name] as Float32Array).subarray(row * vocabSize, (row + 1) * vocabSize);
    const probabilities = part("probabilities");
    const weights = output["weights"] === undefined ? probabilities : part("weights");
    const { id, logProbability } = choose(probabilities, weights, { temperature, topP }, answer.stream);
    answer.logProbabilities.push(logProbability);
    if (stop.includes(id)) return "stop";
    answer.ids.push(id);
    const others = onToken && alternatives > 0 ? likeliestTokens(probabilities, alternatives) : [];
    if (onToken?.(answer.at, { id, logProbability, alternatives: others }) === true) return "stop";
    return answer.ids.length < answer.limit ? undefined : "length";
  }

  #rowsFor(count: number): number {
    return this.#sizes.find((size) => size >= count) as number;
  }

  #check(prompts: readonly PromptRow[], options: SamplingOptions): void {
    const { temperature = 1, topP = 1, maxTokens = 128, alternatives = 0 } = options;
    if (!(temperature >= 0)) throw new RangeError(`sample: temperature must be 0 or above, found ${temperature}`);
    if (!(topP > 0 && topP <= 1)) throw new RangeError(`sample: topP must be above 0 and at most 1, found ${topP}`);
    if (!Number.isInteger(alternatives) || alternatives < 0 || alternatives > this.#config.vocabSize) {
      throw new RangeError(
        `sample: alternatives must be a whole number from 0 to the vocabulary's ${this.#config.vocabSize}, found ${alternatives}`,
      );
    }
    const { maxPositions } = this.#config;
    for (const { ids, maxTokens: most = maxTokens } of prompts) {
      if (!Number.isInteger(most) || most < 1) {
        throw new RangeError(`sample: maxTokens must be a whole number >= 1, found ${most}`);
      }
      if (ids.length === 0) throw new RangeError("sample: a prompt is empty");
      if (ids.length + most > maxPositions) {
        throw new RangeError(
          `sample: a prompt of ${ids.length} tokens and an answer of up to ${most} exceed the model's ${maxPositions} positions`,
        );
      }
    }
  }
}

const warmth = ({ rows, warm }: BatchShape, { temperature = 1 }: SamplingOptions): Tensors =>
  warm ? { inverseTemperature: new Float32Array(rows).fill(1 / temperature) } : {};

/** Sizes of batch below `rows` that are worth a program of their own. */
function ladder(rows: number): number[] {
  const step = Math.max(SMALLEST, Math.ceil(rows / SMALLEST));
  return [...Array.from({ length: Math.ceil(rows / step) - 1 }, (_, i) => (i + 1) * step), rows];
}

const roundUp = (n: number, unit: number): number => Math.ceil(n / unit) * unit;
