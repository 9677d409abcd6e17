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
  /** Tokens sampled, without the one that ended the answer. */
  readonly tokens: number;
  /** `stop`: the model ended its turn; `length`: maxTokens was reached. */
  readonly finish: "stop" | "length";
  /** Sum of the natural-log probabilities of the sampled tokens, the ending one included. */
  readonly logProbability?: number;
  /** Token by token, where `alternatives` were asked for and the model can tell. */
  readonly choices?: readonly TokenChoice[];
}

export interface Model {
  /** What the user called it: `organism`, `local:DIR`, ... */
  readonly name: string;
  readonly can: { readonly logProbabilities: boolean; readonly finetune: boolean; readonly activations: boolean };
  /** Answers in the order of the requests; `onAnswer` is called as each one is finished, in any order. */
  sample(
    requests: readonly SampleRequest[],
    options?: SampleOptions,
    onAnswer?: (index: number, answer: SampledAnswer) => void,
  ): Promise<SampledAnswer[]>;
  close(): Promise<void>;
}
