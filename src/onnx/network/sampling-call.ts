/** One call of a sampler: the answers it still waits for, and what becomes of it. */
import { Random } from "../../statistics/index.js";
import { choose, likeliestTokens, type TokenAlternative } from "./choose.js";
import type { Steering } from "./steering.js";

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
  /** The stop token that ended it, which is not among `ids`. */
  readonly end?: number;
  /** `stop`: by a stop token or by `onToken`. */
  readonly finish: "stop" | "length";
}

/** An answer that waits or is under way. */
export interface OpenAnswer {
  readonly call: SamplingCall;
  /** Of its prompt in the call. */
  readonly at: number;
  readonly prompt: readonly number[];
  /** Answers with one key have one prompt, read in one way. */
  readonly key: string;
  readonly stream: Random;
  readonly limit: number;
  readonly ids: number[];
  readonly logProbabilities: number[];
}

/** Probabilities [V] of the next token, at temperature 1 and at the temperature asked for. */
export interface NextToken {
  readonly probabilities: Float32Array;
  readonly weights: Float32Array;
}

export class SamplingCall {
  /** Answers that have not begun: short prompts first, and those of one prompt together. */
  readonly waiting: OpenAnswer[];
  readonly done: Promise<SampledRow[]>;
  readonly steering: readonly Steering[];
  readonly temperature: number;
  readonly #results: SampledRow[] = [];
  readonly #onRow: ((index: number, row: SampledRow) => void) | undefined;
  #left: number;
  #hasEnded = false;
  #resolve: (rows: SampledRow[]) => void = () => undefined;
  #reject: (reason: unknown) => void = () => undefined;

  constructor(
    prompts: readonly PromptRow[],
    readonly options: SamplingOptions,
    onRow: ((index: number, row: SampledRow) => void) | undefined,
  ) {
    const { steering = [], temperature = 1, maxTokens = 128 } = options;
    this.steering = steering;
    this.temperature = temperature;
    this.#onRow = onRow;
    this.#left = prompts.length;
    const isOwn = steering.some(({ addEach }) => addEach !== undefined); // the same prompt is read in other ways
    const read = this.isWarm ? `${temperature} ` : ""; // the first token's weights are of one temperature
    const answers = prompts.map((prompt, at): OpenAnswer => ({
      call: this,
      at,
      prompt: prompt.ids,
      key: isOwn ? String(at) : read + prompt.ids.join(),
      stream: Random.of("answer", prompt.seed),
      limit: prompt.maxTokens ?? maxTokens,
      ids: [],
      logProbabilities: [],
    }));
    const firsts = new Map<string, number>();
    for (const { key, at } of answers) if (!firsts.has(key)) firsts.set(key, at);
    const first = ({ key }: OpenAnswer): number => firsts.get(key) as number;
    this.waiting = answers.toSorted((a, b) => a.prompt.length - b.prompt.length || first(a) - first(b) || a.at - b.at);
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (prompts.length === 0) this.#end(() => this.#resolve([]));
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether the answers are sampled at a temperature that is neither 0 nor 1. */
  get isWarm(): boolean {
    return this.temperature !== 0 && this.temperature !== 1;
  }

  /** Draws an answer's next token. Returns whether the answer goes on. */
  extend(answer: OpenAnswer, { probabilities, weights }: NextToken): boolean {
    try {
      const ended = this.#choose(answer, probabilities, weights);
      if (ended === undefined) return true;
      const { at, ids, logProbabilities } = answer;
      const row = { ids, logProbabilities, ...ended };
      this.#results[at] = row;
      this.#onRow?.(at, row);
      if (--this.#left === 0) this.#end(() => this.#resolve(this.#results));
    } catch (error) {
      this.fail(error);
    }
    return false;
  }

  fail(reason: unknown): void {
    this.#end(() => this.#reject(reason));
  }

  #end(settle: () => void): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.waiting.length = 0;
    settle();
  }

  #choose(
    answer: OpenAnswer,
    probabilities: Float32Array,
    weights: Float32Array,
  ): Pick<SampledRow, "finish" | "end"> | undefined {
    const { topP = 1, stop, alternatives = 0, onToken } = this.options;
    const { id, logProbability } = choose(
      probabilities,
      weights,
      { temperature: this.temperature, topP },
      answer.stream,
    );
    answer.logProbabilities.push(logProbability);
    if (stop.includes(id)) return { finish: "stop", end: id };
    answer.ids.push(id);
    const others = onToken && alternatives > 0 ? likeliestTokens(probabilities, alternatives) : [];
    if (onToken?.(answer.at, { id, logProbability, alternatives: others }) === true) return { finish: "stop" };
    return answer.ids.length < answer.limit ? undefined : { finish: "length" };
  }
}
