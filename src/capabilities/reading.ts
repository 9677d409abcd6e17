/**
 * The inside of a model while it reads given texts (token ids).
 * Key: L layers, W width of the residual stream, V vocabulary, T tokens of a text.
 */
import type { EncodedText } from "./tokens.js";

export interface ModelShape {
  /** L */
  readonly layers: number;
  /** W */
  readonly width: number;
  /** V: rows of the embedding, which may be more than the tokenizer has tokens. */
  readonly vocabSize: number;
}

/** Other activations in place of the residual stream after a layer: activation patching. */
export interface Patch {
  /** 0-based. */
  readonly layer: number;
  /** [T, W] for each text, or one [W] for every position of all texts. */
  readonly activations: readonly Float32Array[] | Float32Array;
}

export interface ReadingOptions {
  readonly patch?: Patch;
  readonly signal?: AbortSignal;
}

export interface BranchedText {
  /** Token ids, at least one. */
  readonly prompt: readonly number[];
  /** Token ids of what may follow, at least one each. */
  readonly branches: readonly (readonly number[])[];
}

/** Of one text: M is 1 + all tokens of its branches, in their order; the first is the prompt's last token. */
export interface BranchReading {
  /** By layer, [M]: the residual stream after it, times the layer's vector. */
  readonly along: readonly Float32Array[];
  /** Natural-log probability of every token of the branches, [M − 1]. */
  readonly logProbabilities: Float32Array;
  /** The residual stream after each layer that was asked for, [M, W]. */
  readonly activations: ReadonlyMap<number, Float32Array>;
}

export interface BranchOptions {
  readonly texts: readonly BranchedText[];
  /** For each layer a vector [W]. */
  readonly vectors: readonly Float32Array[];
  /** Layers whose residual stream is wanted whole; default none. */
  readonly layers?: readonly number[];
}

/** Reads the same texts again and again, with the weights as they then are. */
export interface Branches {
  read(signal?: AbortSignal): Promise<BranchReading[]>;
  close(): Promise<void>;
}

export interface Reading {
  readonly shape: ModelShape;
  /** The residual stream of every text after each of `layers` (0-based): layer → [T, W]. */
  activations(
    texts: readonly (readonly number[])[],
    layers: readonly number[],
    options?: ReadingOptions,
  ): Promise<Map<number, Float32Array>[]>;
  /** Natural-log probability of every token but the first, given those before it: [T − 1] for each text. */
  logProbabilities(texts: readonly (readonly number[])[], options?: ReadingOptions): Promise<Float32Array[]>;
  /**
   * Natural-log probability of every token of every continuation, given its prompt and what comes before it there: for
   * each text, for each branch, [T]. A text without branches has none. Continuations share the reading of their prompt
   * where an engine does better so.
   */
  continuations(texts: readonly BranchedText[], options?: Pick<ReadingOptions, "signal">): Promise<Float32Array[][]>;
  /**
   * Natural-log probabilities of all tokens where an answered token stands, given those before it: [answered tokens, V]
   * for each text. Training can hold a model to them.
   */
  distributions(texts: readonly EncodedText[], options?: Pick<ReadingOptions, "signal">): Promise<Float32Array[]>;
  /** Prompts with several continuations each, for a model that changes; the caller closes what this returns. */
  branches(options: BranchOptions): Branches;
  /** How much a vector [W], added to the last residual stream, raises each token's logit: [V]. The norm's scale is left out. */
  logitEffect(vector: Float32Array): Promise<Float32Array>;
}
