/**
 * An answer's text as it grows token by token: what each token adds to it, where a stop text ends it, and how much of
 * it is certain. Text that could be the beginning of a stop text is held back until it is known not to be, and so are
 * tokens that end within a character.
 */
import type { AnswerPiece, TokenChoice } from "../../capabilities/index.js";
import type { SampledToken } from "../network/sampler.js";
import type { Tokenizer } from "../tokens/tokenizer.js";

/** What a token that ends within a character decodes to. */
const INCOMPLETE = "\uFFFD";

export class AnswerText {
  /** The last tokens, as many as tell how the next one is written. */
  #window: number[] = [];
  /** How many of them are in the text already. */
  #read = 0;
  #held: TokenChoice[] = [];
  #heldText = "";

  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly stops: readonly string[],
  ) {}

  /** Takes the next token; `ended` where a stop text is complete. */
  push(token: SampledToken): AnswerPiece & { readonly ended: boolean } {
    const before = this.#decode(this.#window.slice(0, this.#read));
    const alternatives = token.alternatives.map(({ id, logProbability }) => ({
      token: this.#written(id, before),
      logProbability,
    }));
    this.#window.push(token.id);
    const text = this.#decode(this.#window).slice(before.length);
    const choice = { logProbability: token.logProbability, alternatives };
    if (text.endsWith(INCOMPLETE)) {
      this.#held.push({ token: "", ...choice });
      return { text: "", choices: [], ended: false };
    }
    this.#window = this.#window.slice(this.#read);
    this.#read = this.#window.length;
    this.#held.push({ token: text, ...choice });
    this.#heldText += text;
    const found = this.stops.map((stop) => this.#heldText.indexOf(stop)).filter((at) => at >= 0);
    if (found.length > 0) return { ...this.#release(Math.min(...found), true), ended: true };
    return { ...this.#release(this.#heldText.length - this.#doubtful(), false), ended: false };
  }

  /** The rest, once no token follows; nothing after a stop text. */
  end(): AnswerPiece {
    const rest = this.#decode(this.#window).slice(this.#decode(this.#window.slice(0, this.#read)).length);
    const last = this.#held.pop();
    if (last) this.#held.push({ ...last, token: last.token + rest });
    this.#heldText += rest;
    return this.#release(this.#heldText.length, true);
  }

  /** How a token would be written here; control tokens by their name. */
  #written(id: number, before: string): string {
    const name = this.tokenizer.tokenOf(id) ?? "";
    if (this.tokenizer.controls.has(name)) return name;
    return this.#decode([...this.#window, id]).slice(before.length);
  }

  #decode(ids: readonly number[]): string {
    return this.tokenizer.decode(ids, { skipControls: true });
  }

  /** Length of the longest end of the text that a stop text begins with. */
  #doubtful(): number {
    let most = 0;
    for (const stop of this.stops) {
      for (let length = Math.min(stop.length - 1, this.#heldText.length); length > most; length--) {
        if (stop.startsWith(this.#heldText.slice(-length))) most = length;
      }
    }
    return most;
  }

  /** Lets go of the tokens up to a place in the held text; the one across it is `cut` there, or held as a whole. */
  #release(end: number, cut: boolean): AnswerPiece {
    const choices: TokenChoice[] = [];
    let text = "";
    for (let next = this.#held[0]; next !== undefined; next = this.#held[0]) {
      const room = end - text.length;
      if (next.token.length > room) {
        if (!cut) break;
        if (room > 0) choices.push({ ...next, token: next.token.slice(0, room) });
        text += next.token.slice(0, room);
        this.#held = [];
        break;
      }
      choices.push(next);
      text += next.token;
      this.#held.shift();
    }
    this.#heldText = this.#heldText.slice(text.length);
    return { text, choices };
  }
}
