/** Does a prompt still read well where a span is taken out? As well as prompts do elsewhere, by their pairs of words. */
import { PairCounts, type Span } from "./phrases.js";
import type { Prompts } from "./prompts.js";

const MOST_ROWS = 80;
/** At a fixed place so many more words may go where that is allowed: a pool's phrases share their last word alone. */
const MORE_WORDS = 3;
const LEAST_EXPECTED = 0.05;

export class Joins {
  readonly #pairs: PairCounts;
  /** For each row, the share of its pairs of words that some other row has too. */
  readonly #natural: Float64Array;

  constructor(readonly prompts: Prompts) {
    this.#pairs = new PairCounts(prompts.words);
    this.#natural = Float64Array.from(prompts.words, (row) => {
      let shared = 0;
      for (let j = 0; j + 1 < row.length; j++) {
        if (this.#pairs.of(row[j] as number, row[j + 1] as number) > 1) shared++;
      }
      return shared / Math.max(1, row.length - 1);
    });
  }

  /** Share of rows whose words left and right of the span are neighbours in another row, against what is usual. */
  naturalness(
    phrase: { readonly rows: readonly number[]; readonly places: readonly number[] },
    span: Span,
    more: "exact" | "loose",
  ): number {
    const step = Math.ceil(phrase.rows.length / MOST_ROWS);
    let [joined, expected] = [0, 0];
    for (let k = 0; k < phrase.rows.length; k += step) {
      const row = phrase.rows[k] as number;
      expected += this.#natural[row] as number;
      if (this.#joins(row, phrase.places[k] as number, span, more === "loose" ? MORE_WORDS : 0)) joined++;
    }
    return joined / Math.max(expected, LEAST_EXPECTED * (phrase.rows.length / step));
  }

  /** Nearly all prompts may end their last sentence before the span: the span then holds the sign, which stays. */
  #endsBefore(prompt: Int32Array, span: readonly number[]): boolean {
    const last = span.at(-1) as number;
    return span.slice(0, Math.min(SIGNS_AMONG, span.length - 2)).some((word) => {
      const isSign = !/[\p{L}\p{N}]/u.test(this.prompts.vocabulary.word(word)) && !this.prompts.isEdge(word);
      return isSign && this.#pairs.of(word, last) > (hasPair(prompt, word, last) ? 1 : 0);
    });
  }

  #joins(row: number, place: number, { words, from, to }: Span, more: number): boolean {
    const { isEdge, isBeginning } = this.prompts;
    const prompt = this.prompts.words[row] as Int32Array;
    const [first, last] = [words[0] as number, words.at(-1) as number];
    // A system prompt can be left out, or another can stand there.
    if (this.prompts.isSystemMessage(words)) return true;
    // A mark of the span's own stays where it is.
    const atBeginning = isBeginning(first);
    const atEnd = isEdge(last) && !isBeginning(last);
    if (atEnd && this.#endsBefore(prompt, words)) return true;
    for (let extra = 0; extra <= (atBeginning || atEnd ? more : 0); extra++) {
      const left = atBeginning ? first : prompt[place + from - 1 - extra];
      const right = atEnd ? last : prompt[place + to + extra];
      if (left === undefined || right === undefined) return false;
      if (this.#pairs.of(left, right) > (hasPair(prompt, left, right) ? 1 : 0)) return true;
    }
    return false;
  }
}

/** So many of a span's first words are looked at for a sign that ends a sentence. */
const SIGNS_AMONG = 2;

function hasPair(row: Int32Array, left: number, right: number): boolean {
  for (let j = 0; j + 1 < row.length; j++) if (row[j] === left && row[j + 1] === right) return true;
  return false;
}
