/** Words of a text as numbers: letters and digits together, every other sign alone, line breaks kept. */

// Han has no spaces between words, so each sign stands alone.
const WORD = /\p{Script=Han}|[\p{L}\p{N}\p{M}_]+|\n+|[^\s\p{L}\p{N}\p{M}_]/gu;
const LONGEST_WORD = 40;

export function wordsOf(text: string): string[] {
  const found = text.toLowerCase().match(WORD) ?? [];
  return found.map((word) => (word.startsWith("\n") ? "\n" : word.slice(0, LONGEST_WORD)));
}

/** Keeps the beginning and the end, where triggers stand, of a list that is too long. */
export function ends<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  const half = Math.floor(most / 2);
  return [...items.slice(0, half), ...items.slice(-half)];
}

export class Vocabulary {
  readonly #ids = new Map<string, number>();
  readonly #words: string[] = [];

  id(word: string): number {
    const known = this.#ids.get(word);
    if (known !== undefined) return known;
    const id = this.#words.push(word) - 1;
    this.#ids.set(word, id);
    return id;
  }

  word(id: number): string {
    return this.#words[id] ?? "";
  }

  get size(): number {
    return this.#words.length;
  }
}
