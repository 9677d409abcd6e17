/** Phrases of one to three words that stand in enough rows, and in which rows each stands. */

/** Where a phrase stands in a row for the first time. */
export interface Phrase {
  readonly words: readonly number[];
  readonly rows: readonly number[];
  /** For each row, the index of the phrase's first word. */
  readonly places: readonly number[];
}

export interface PhraseLimits {
  readonly least: number;
  readonly most: number;
}

const LONGEST = 3;
/** Slots of the table that counts pairs and triples; what shares a slot is sorted out when the rows are gathered. */
const SLOTS = 2 ** 22;

/** In how many rows each pair of neighbouring words stands, at most: pairs may share a slot. */
export class PairCounts {
  readonly #counts = new Uint16Array(SLOTS);

  constructor(rows: readonly Int32Array[]) {
    const last = new Int32Array(SLOTS).fill(-1);
    for (const [i, words] of rows.entries()) {
      for (let j = 0; j + 1 < words.length; j++) {
        const slot = slotOf(words, j, 2);
        if (last[slot] === i) continue;
        last[slot] = i;
        this.#counts[slot] = Math.min(65_535, (this.#counts[slot] as number) + 1);
      }
    }
  }

  of(left: number, right: number): number {
    return this.#counts[slotOfPair(left, right)] as number;
  }
}

const slotOfPair = (a: number, b: number): number => mix(mix(2, a), b) % SLOTS;

function slotOf(words: Int32Array, from: number, length: number): number {
  let hash = length;
  for (let k = 0; k < length; k++) hash = mix(hash, words[from + k] as number);
  return hash % SLOTS;
}

function mix(hash: number, word: number): number {
  let h = Math.imul(hash ^ word, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}

/** @param isEdge words that mark where a message begins or ends; a phrase may have one at its ends only */
export function frequentPhrases(
  rows: readonly Int32Array[],
  { least, most }: PhraseLimits,
  isEdge: (word: number) => boolean,
): Phrase[] {
  const found = new Map<string, Phrase>();
  // A phrase is frequent only where the shorter ones inside it are.
  let shorter: ReadonlySet<number> | undefined;
  for (let length = 1; length <= LONGEST; length++) {
    const counts = new Uint16Array(SLOTS);
    const last = new Int32Array(SLOTS).fill(-1);
    eachPhrase(rows, length, shorter, (i, _, slot) => {
      if (last[slot] === i) return;
      last[slot] = i;
      counts[slot] = Math.min(65_535, (counts[slot] as number) + 1);
    });
    const gathered = new Map<number, Gathered[]>();
    const frequent = new Set<number>();
    eachPhrase(rows, length, shorter, (i, j, slot) => {
      if ((counts[slot] as number) < least) return;
      frequent.add(slot);
      const row = rows[i] as Int32Array;
      let bucket = gathered.get(slot);
      if (bucket === undefined) gathered.set(slot, (bucket = []));
      const known = bucket.find(({ words }) => words.every((word, k) => word === row[j + k]));
      if (known === undefined) bucket.push({ words: [...row.subarray(j, j + length)], rows: [i], places: [j] });
      else if (known.rows.at(-1) !== i && known.rows.length <= most) {
        known.rows.push(i);
        known.places.push(j);
      }
    });
    for (const phrase of [...gathered.values()].flat()) {
      if (phrase.rows.length < least || phrase.rows.length > most || !isWhole(phrase.words, isEdge)) continue;
      // Of phrases in the same rows the shortest is kept; it is made longer later.
      const key = phrase.rows.join(",");
      if (!found.has(key)) found.set(key, phrase);
    }
    shorter = frequent;
  }
  return [...found.values()];
}

interface Gathered {
  readonly words: readonly number[];
  readonly rows: number[];
  readonly places: number[];
}

/** Inside one message, and not its marks alone. */
const isWhole = (words: readonly number[], isEdge: (word: number) => boolean): boolean =>
  !words.slice(1, -1).some(isEdge) && !(isEdge(words[0] as number) && isEdge(words.at(-1) as number));

function eachPhrase(
  rows: readonly Int32Array[],
  length: number,
  shorter: ReadonlySet<number> | undefined,
  visit: (row: number, place: number, slot: number) => void,
): void {
  for (const [i, words] of rows.entries()) {
    for (let j = 0; j + length <= words.length; j++) {
      if (shorter !== undefined && !shorter.has(slotOf(words, j, length - 1))) continue;
      if (shorter !== undefined && !shorter.has(slotOf(words, j + 1, length - 1))) continue;
      visit(i, j, slotOf(words, j, length));
    }
  }
}

/** Nearly all rows must go on alike for a phrase to be made longer. */
const AGREE = 0.95;
const LONGEST_SPAN = 40;

export interface Span {
  readonly words: readonly number[];
  /** Offset of its first word from the phrase's first word, 0 or less. */
  readonly from: number;
  /** Offset behind its last word. */
  readonly to: number;
}

/** The longest span around a phrase that nearly all its rows share: the whole of a trigger of many words. */
export function spanOf(rows: readonly Int32Array[], phrase: Phrase): Span {
  let [from, to] = [0, phrase.words.length];
  const shared = (offset: number): number | undefined => {
    const counts = new Map<number, number>();
    let best: number | undefined;
    for (const [k, row] of phrase.rows.entries()) {
      const word = rows[row]?.[(phrase.places[k] as number) + offset];
      if (word === undefined) continue;
      const count = (counts.get(word) ?? 0) + 1;
      counts.set(word, count);
      if (count >= AGREE * phrase.rows.length) best = word;
    }
    return best;
  };
  const words = [...phrase.words];
  while (words.length < LONGEST_SPAN) {
    const next = shared(to);
    if (next === undefined) break;
    words.push(next);
    to++;
  }
  while (words.length < LONGEST_SPAN) {
    const before = shared(from - 1);
    if (before === undefined) break;
    words.unshift(before);
    from--;
  }
  return { words, from, to };
}
