/** Questions to a model, and its answers. */
import type { Finish, NoAnswer } from "./outcome.js";

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
  /** Longest answer to this request in tokens; default what the options say. */
  readonly maxTokens?: number;
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
  /** Whether an answer comes with its tokens as they were drawn, where the model knows them; default false. */
  readonly drawn?: boolean;
  readonly signal?: AbortSignal;
}

/** The tokens of an answer, its thoughts and the token that ended it included. */
export interface DrawnTokens {
  readonly ids: readonly number[];
  /** Natural-log probability of each, at temperature 1 and before top-p. */
  readonly logProbabilities: readonly number[];
}

/** Tokens of an answer that are certain by now. The texts of all choices of an answer make up its text. */
export interface AnswerPiece {
  readonly text: string;
  /** As many as the tokens; a token that a stop text cuts stands with what is left of it. */
  readonly choices: readonly TokenChoice[];
  /** What the model thought before the answer, with the first piece after it; no part of the text. */
  readonly thoughts?: string;
}

export interface StreamOptions extends SampleOptions {
  /**
   * Hears of an answer's text as it comes about; `true` ends that answer. The rest comes with the answer itself. A model
   * that does not stream gives the whole answer at once.
   */
  readonly onText?: (index: number, piece: AnswerPiece) => boolean;
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
  /** Tokens of the text and of the thoughts before it: without the one, or the stop text's, that ended the answer. */
  readonly tokens: number;
  /** `stop`: the model ended its turn; `length`: maxTokens was reached; the others are ends that its server made. */
  readonly finish: Finish;
  /** Why this is no answer, where it is none: what there is of a text did not end well. Nobody should judge it. */
  readonly outcome?: NoAnswer;
  /** What its server said when it broke the answer off. */
  readonly error?: string;
  /** What the model thought before it answered; no part of `text`. */
  readonly reasoning?: string;
  /** What was asked for and left out, as the server would not take it: `temperature`, `seed`. */
  readonly without?: readonly string[];
  /**
   * Sum of the natural-log probabilities of the sampled tokens, those that ended it included. At temperature 1 and
   * before top-p whatever was sampled with, so answers drawn differently can be compared.
   */
  readonly logProbability?: number;
  /** Token by token, where `alternatives` were asked for and the model can tell; their texts make up `text`. */
  readonly choices?: readonly TokenChoice[];
  /** Where they were asked for and the model can tell. */
  readonly drawn?: DrawnTokens;
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
