/** The one interface through which every floor above talks to a model. */

export type Role = "system" | "user" | "assistant";

export interface Message {
  readonly role: Role;
  readonly content: string;
}

/** One answer that is wanted. */
export interface SampleRequest {
  readonly messages: readonly Message[];
  /**
   * Names the random stream of this answer alone: the same seed gives the same answer in any batch, and behind a
   * server (which takes numbers only, see {@link streamSeed}).
   */
  readonly seed: string;
}

export interface SampleOptions {
  /** 0 takes the likeliest token; default 1. */
  readonly temperature?: number;
  /** Nucleus sampling; default 1 (off). */
  readonly topP?: number;
  /** Longest answer in tokens; default 128. */
  readonly maxTokens?: number;
  /** The answer ends before the first of these texts. */
  readonly stop?: readonly string[];
  /** So many of the likeliest tokens are told at every place of the answer, at most 20; default 0: none. */
  readonly alternatives?: number;
  readonly signal?: AbortSignal;
}

export interface TokenLogProbability {
  readonly token: string;
  /** Natural logarithm, at temperature 1. */
  readonly logProbability: number;
}

/** One token of an answer, and what else could have stood there. */
export interface TokenChoice extends TokenLogProbability {
  /** Likeliest first; the sampled token is among them only if it is likely enough. */
  readonly alternatives: readonly TokenLogProbability[];
}

export interface SampledAnswer {
  readonly text: string;
  /** Tokens of the text: without the one, or the stop text's, that ended the answer. */
  readonly tokens: number;
  /** `stop`: the model ended its turn; `length`: maxTokens was reached; `filter`: its server cut or withheld the answer. */
  readonly finish: "stop" | "length" | "filter";
  /**
   * Sum of the natural-log probabilities of the sampled tokens, those that ended it included. At temperature 1 and
   * before top-p whatever was sampled with, so answers drawn differently can be compared.
   */
  readonly logProbability?: number;
  /** Token by token, where `alternatives` were asked for and the model can tell; their texts make up `text`. */
  readonly choices?: readonly TokenChoice[];
}

/** A request and its answer. The request is the very object that was handed in, with whatever else it carries. */
export interface Answered<R extends SampleRequest = SampleRequest> {
  readonly request: R;
  readonly answer: SampledAnswer;
}

export interface AnswersOptions<R extends SampleRequest = SampleRequest> extends SampleOptions {
  /**
   * Hears of a request that alone has failed (refused by the server, no usable reply after all tries); the others go on.
   * Without it the first such failure ends the iteration. What concerns all requests (a key that is not accepted, spent
   * money, a full disk, `signal`) always ends it.
   */
  readonly onFailure?: (request: R, error: Error) => void;
}

/** What not every model can do. */
export interface Abilities {
  /** Tells the log-probabilities of its tokens. */
  readonly logProbabilities: boolean;
  /** Can be fine-tuned: in this process, or by its server's fine-tuning jobs. */
  readonly finetune: boolean;
  /** Lets its activations be read and steered. */
  readonly activations: boolean;
}

export interface Model {
  /** The name it was opened by: `local:DIR`, `openai:NAME`, `URL#NAME`, or that of a model that ships with askew. */
  readonly name: string;
  readonly can: Abilities;
  /**
   * Answers in the order of the requests; `onAnswer` is called as each one is finished, in any order. The first request
   * that fails rejects, once those under way have come to an end.
   */
  sample(
    requests: readonly SampleRequest[],
    options?: SampleOptions,
    onAnswer?: (index: number, answer: SampledAnswer) => void,
  ): Promise<SampledAnswer[]>;
  /**
   * The same for any number of requests: they are taken only as fast as answers are read, and nothing is kept, so a
   * million fit. Answers come as they are finished, in any order. Leaving the loop stops what is under way.
   */
  answers<R extends SampleRequest>(
    requests: Iterable<R> | AsyncIterable<R>,
    options?: AnswersOptions<R>,
  ): AsyncIterable<Answered<R>>;
  close(): Promise<void>;
}
