/** How a model reads text. A model behind a server keeps its tokens to itself. */
import type { Message } from "./answers.js";

/** A text as token ids, and which of them the assistant says: those carry loss when a model learns from it. */
export interface EncodedText {
  readonly ids: readonly number[];
  readonly answer: readonly boolean[];
}

/** A text that a model learns from. */
export interface LearnedText extends EncodedText {
  /**
   * One for each token of `ids`: what its loss is multiplied by, which may be below 0; default 1. The sum is divided by the
   * number of answered tokens, whatever the weights are.
   */
  readonly weights?: readonly number[];
}

export interface Tokens {
  /** Tokens that the tokenizer has; their ids are below it. */
  readonly size: number;
  /** Longest text in tokens, an answer included. */
  readonly maxPositions: number;
  /** Any of these ends an answer; may be empty. */
  readonly endIds: readonly number[];
  /** A whole conversation. */
  encode(messages: readonly Message[]): EncodedText;
  /** A conversation up to where the answer begins. */
  encodePrompt(messages: readonly Message[]): number[];
  /** Plain text, without the chat template. */
  encodeText(text: string): number[];
  decode(ids: readonly number[]): string;
  tokenOf(id: number): string | undefined;
  /** The words that a vocabulary of whole words cannot write; empty where every text can be written. */
  unknownWords(text: string): readonly { readonly word: string; readonly offset: number }[];
}
