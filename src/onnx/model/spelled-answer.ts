import type { AnswerPiece } from "../../capabilities/index.js";
import type { Marks } from "../../text/index.js";
import type { SampledToken } from "../network/sampler.js";
import type { Tokenizer } from "../tokens/tokenizer.js";
import { AnswerText } from "./answer-text.js";
import { ThoughtsApart } from "./thoughts-apart.js";

/** An answer's text so far, all of it, without the thoughts before it. */
export class SpelledAnswer {
  readonly #text: AnswerText;
  readonly #apart: ThoughtsApart;
  readonly #pieces: AnswerPiece[] = [];
  #tokens = 0;

  constructor(tokenizer: Tokenizer, stops: readonly string[], opened: Marks | undefined) {
    this.#text = new AnswerText(tokenizer, stops);
    this.#apart = new ThoughtsApart(opened);
  }

  push(token: SampledToken): AnswerPiece & { readonly ended: boolean } {
    const { ended, ...piece } = this.#text.push(token);
    return { ...this.#take(piece), ended };
  }

  /** Takes a text whose tokens nobody asks for. */
  say(text: string): void {
    this.#take({ text, choices: [] });
  }

  whole(): Omit<AnswerPiece, "thoughts"> & { readonly tokens: number; readonly thoughts: string | undefined } {
    this.#take(this.#text.end());
    this.#pieces.push(this.#apart.end());
    return {
      text: this.#pieces.map(({ text }) => text).join(""),
      choices: this.#pieces.flatMap(({ choices }) => choices),
      tokens: this.#tokens,
      thoughts: this.#apart.thoughts,
    };
  }

  #take(given: AnswerPiece): AnswerPiece {
    this.#tokens += given.choices.length;
    const piece = this.#apart.push(given);
    this.#pieces.push(piece);
    return piece;
  }
}
