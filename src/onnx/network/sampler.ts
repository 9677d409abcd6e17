/** Batched sampling from a decoder: prompts in, answers out, each from a random stream of its own. */
import type { Engine } from "../../graph/index.js";
import { Random } from "../../statistics/index.js";
import type { TransformerConfig } from "../files/config.js";
import { choose, likeliestTokens, type TokenAlternative } from "./choose.js";
import type { LoraOptions } from "./lora.js";
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

/** Tokens that a batch is decoded by before it is read again. */
const WINDOW = 128;

/** An answer under way. */
interface OpenRow {
  /** Of its prompt in the batch. */
  readonly at: number;
  readonly prompt: readonly number[];
  readonly stream: Random;
  readonly limit: number;
  readonly ids: number[];
  readonly logProbabilities: number[];
}

export class Sampler {
  readonly #engine: Engine;
  readonly #config: TransformerConfig;
  readonly #sizes: readonly number[];
  readonly #programs: SamplerPrograms;
  /** The window that has the caches now; the next one, of this or another call, waits for it. */
  #busy: Promise<unknown> = Promise.resolve();

  /**
   * `scope` names the weights in the engine (a Trainer's scope works: the two share them);
   * `rows` are decoded at a time, default 64; of several numbers the smallest that holds what there is, which saves
   * time where prompts come one by one and may round otherwise; with `lora` the adapter of that scope is applied, unmerged.
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
    this.#sizes = [options.rows ?? 64].flat().toSorted((a, b) => a - b);
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
    const { temperature = 1, topP = 1, stop, alternatives = 0, steering = [], signal } = options;
    const { vocabSize, maxPositions } = this.#config;
    const rows = this.#sizes.find((size) => size >= given.length) as number;
    const texts = given.map(({ prompt, ids }) => [...prompt, ...ids]);
    const length = roundUp(Math.max(...texts.map((text) => text.length)), 16);
    // Read again, an answer would pass for prompt: it must not where the two are steered apart.
    const most = steersAnswersOnly(steering) ? maxPositions : WINDOW;
    const window = Math.min(most, Math.max(...given.map(({ limit, ids }) => limit - ids.length)));
    const cache = roundUp(Math.max(length, Math.min(length + window, maxPositions)), 32);
    const warm = temperature !== 0 && temperature !== 1;
    const shape: BatchShape = { rows, cache, warm };
    const beforeAnswer = promptSteering(steering);
    const prefill = await this.#programs.program("prefill", length, shape, beforeAnswer);
    const decode = await this.#programs.program("decode", 1, shape, steering);
    await this.#programs.reserve(shape);

    const warmth = warm ? { inverseTemperature: new Float32Array(rows).fill(1 / temperature) } : {};
    const places = given.map(({ at }) => at);
    const extra = { ...steeringFeeds(steering, rows, places), ...warmth };
    const stops = new Set(stop);
    const tokens = new Int32Array(rows * length);
    const readAt = new Int32Array(rows);
    const position = new Int32Array(rows); // of the token each row decodes next; rows beyond the prompts stay at 0
    texts.forEach((text, row) => {
      tokens.set(text, row * length);
      position[row] = text.length;
      readAt[row] = row * length + text.length - 1;
    });
    const first = {
      ...steeringFeeds(beforeAnswer, rows, places),
      ...warmth,
      tokens,
      readAt,
      start: new Int32Array(rows),
    };
    let output = await this.#engine.run(prefill, first);

    const next = new Int32Array(rows);
    let open = [...given.entries()];
    for (let made = 1; ; made++) {
      signal?.throwIfAborted();
      const all = output["probabilities"] as Float32Array;
      const allWeights = warm ? (output["weights"] as Float32Array) : all;
      open = open.filter(([row, answer]) => {
        const probabilities = all.subarray(row * vocabSize, (row + 1) * vocabSize);
        const weights = allWeights.subarray(row * vocabSize, (row + 1) * vocabSize);
        const { id, logProbability } = choose(probabilities, weights, { temperature, topP }, answer.stream);
        answer.logProbabilities.push(logProbability);
        next[row] = id;
        let ended = stops.has(id);
        if (!ended) {
          answer.ids.push(id);
          const others = alternatives > 0 ? likeliestTokens(probabilities, alternatives) : [];
          ended = options.onToken?.(answer.at, { id, logProbability, alternatives: others }) === true;
        }
        if (!ended && answer.ids.length < answer.limit) return true;
        const { at, ids, logProbabilities } = answer;
        onRow(at, { ids, logProbabilities, finish: ended ? "stop" : "length" });
        return false;
      });
      if (open.length === 0 || made === window) return open.map(([, answer]) => answer);
      output = await this.#engine.run(decode, { ...extra, tokens: next, position });
      for (const [row] of open) position[row] = (position[row] as number) + 1;
    }
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

const roundUp = (n: number, unit: number): number => Math.ceil(n / unit) * unit;
