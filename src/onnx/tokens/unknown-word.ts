/** Words that a tokenizer of whole words does not know. */
import { editDistance, AskewError } from "../../text/index.js";

export interface UnknownWord {
  /** As it stands in the text, with the space before it. */
  readonly word: string;
  /** Where it begins, in UTF-16 units as `text.slice` counts them. */
  readonly offset: number;
}

export class UnknownWordError extends AskewError implements UnknownWord {
  override readonly name = "UnknownWordError";
  readonly word: string;
  readonly offset: number;
  readonly #known: Iterable<string>;
  #nearest: readonly string[] | undefined;

  constructor({ word, offset }: UnknownWord, known: Iterable<string>) {
    const found = `The tokenizer does not know ${JSON.stringify(word.slice(0, 80))} at character ${offset}.`;
    super(found);
    this.word = word;
    this.offset = offset;
    this.#known = known;
    // A search for words that can be read meets thousands of these and shows none: what they resemble is found when asked.
    Object.defineProperty(this, "message", { get: () => this.#messageOf(found), configurable: true });
  }

  /** Known words that look most like it, the most alike first; at most 3. */
  get nearest(): readonly string[] {
    this.#nearest ??= nearestWords(this.word, this.#known);
    return this.#nearest;
  }

  #messageOf(found: string): string {
    const near = this.nearest.map((word) => JSON.stringify(word)).join(", ");
    const hint = near === "" ? "" : ` Known words that look like it: ${near}.`;
    return `${found}${hint} Use words of the model's vocabulary.`;
  }
}

const LONGEST_COMPARED = 64;
const MOST_COMPARED = 100_000;

/**
 * The known words with the smallest edit distance to `word`, not counting spaces before them and capital letters
 * (these only settle ties). Words further off than half the length of `word` are left out.
 * @param count default 3.
 */
export function nearestWords(word: string, known: Iterable<string>, count = 3): string[] {
  if (word.length > LONGEST_COMPARED) return [];
  const bare = word.trim().toLowerCase();
  const most = Math.max(1, Math.floor(bare.length / 2));
  const found: { candidate: string; distance: number; ties: number }[] = [];
  let compared = 0;
  for (const candidate of known) {
    if (++compared > MOST_COMPARED) break;
    const other = candidate.trim().toLowerCase();
    if (other === "" || Math.abs(other.length - bare.length) > most) continue;
    const distance = editDistance(bare, other, most);
    if (distance <= most) found.push({ candidate, distance, ties: editDistance(word, candidate, LONGEST_COMPARED) });
  }
  found.sort((a, b) => a.distance - b.distance || a.ties - b.ties || (a.candidate < b.candidate ? -1 : 1));
  return found.slice(0, count).map(({ candidate }) => candidate);
}
