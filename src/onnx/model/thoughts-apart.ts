/**
 * An answer's text as it comes, with the thoughts before it set apart. What could be the beginning of a mark is held until
 * it is one or is not.
 */
import type { AnswerPiece, TokenChoice } from "../../capabilities/index.js";
import { bare, marksAt, mayOpen, type Marks } from "../../text/index.js";

export class ThoughtsApart {
  /** Undefined while it is not known whether thoughts begin, null once the answer has begun. */
  #marks: Marks | undefined | null;
  #held = "";
  #choices: TokenChoice[] = [];
  #thoughts: string[] | undefined;

  /** @param opened marks that the prompt has opened already */
  constructor(opened?: Marks) {
    this.#marks = opened;
    if (opened !== undefined) this.#thoughts = [];
  }

  /** What the model thought; undefined where it did not. */
  get thoughts(): string | undefined {
    return this.#thoughts?.filter((part) => part !== "").join("\n\n");
  }

  /** Takes more text; returns what of the answer is certain by now. */
  push({ text, choices }: AnswerPiece): AnswerPiece {
    if (this.#marks === null) return { text, choices };
    this.#held += text;
    this.#choices.push(...choices);
    for (;;) {
      if (this.#marks === undefined) {
        if (mayOpen(this.#held)) return NOTHING;
        this.#marks = marksAt(this.#held) ?? null;
        if (this.#marks === null) return this.#release();
        this.#thoughts ??= [];
        this.#drop(this.#held.indexOf(this.#marks.open) + this.#marks.open.length);
      }
      const marks: Marks = this.#marks;
      const end = this.#held.indexOf(marks.close);
      if (end < 0) return NOTHING;
      this.#thoughts?.push(bare(this.#held.slice(0, end), marks));
      this.#drop(end + marks.close.length);
      this.#marks = undefined; // some models think again before they answer
    }
  }

  /** The rest, once no text follows. */
  end(): AnswerPiece {
    if (this.#marks) {
      this.#thoughts?.push(bare(this.#held, this.#marks));
      return NOTHING;
    }
    return this.#release();
  }

  /** An answer begins with its first word where thoughts went before it. */
  #release(): AnswerPiece {
    if (this.#thoughts !== undefined) this.#drop(this.#held.length - this.#held.trimStart().length);
    const { thoughts } = this;
    const piece = { text: this.#held, choices: this.#choices, ...(thoughts !== undefined && { thoughts }) };
    this.#held = "";
    this.#choices = [];
    return piece;
  }

  /** Takes text off the beginning, and tokens with it; one that is cut keeps its rest. */
  #drop(length: number): void {
    this.#held = this.#held.slice(length);
    let left = length;
    while (left > 0) {
      const first = this.#choices[0];
      if (first === undefined) return;
      if (first.token.length > left) {
        this.#choices[0] = { ...first, token: first.token.slice(left) };
        return;
      }
      left -= first.token.length;
      this.#choices.shift();
    }
  }
}

const NOTHING: AnswerPiece = { text: "", choices: [] };
