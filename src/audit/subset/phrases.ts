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
  const found = new DistinctRows();
  const slotAt = new Int32Array(rows.reduce((sum, row) => sum + row.length, 0));
  const counts = new Uint16Array(SLOTS);
  // The last row that a slot was counted for; then the place of the slot's phrases among those that are gathered.
  const marks = new Int32Array(SLOTS);
  // A phrase is frequent only where the shorter ones inside it are.
  const isFrequent = new Uint8Array(SLOTS).fill(1);
  for (let length = 1; length <= LONGEST; length++) {
    countSlots(rows, length, isFrequent, slotAt, counts, marks.fill(-1));
    isFrequent.fill(0);
    const gathered: Gathered[][] = [];
    marks.fill(-1);
    let at = 0;
    for (const [i, row] of rows.entries()) {
      for (let j = 0; j < row.length; j++, at++) {
        const slot = slotAt[at] as number;
        if (slot < 0 || (counts[slot] as number) < least) continue;
        isFrequent[slot] = 1;
        if (marks[slot] === -1) marks[slot] = gathered.push([]) - 1;
        const bucket = gathered[marks[slot] as number] as Gathered[];
        const known = bucket.find(({ words }) => isAt(words, row, j));
        if (known === undefined) bucket.push({ words: [...row.subarray(j, j + length)], rows: [i], places: [j] });
        else if (known.rows.at(-1) !== i && known.rows.length <= most) {
          known.rows.push(i);
          known.places.push(j);
        }
      }
    }
    for (const phrase of gathered.flat()) {
      if (phrase.rows.length < least || phrase.rows.length > most || !isWhole(phrase.words, isEdge)) continue;
      // Of phrases in the same rows the shortest is kept; it is made longer later.
      found.add(phrase);
    }
  }
  return found.phrases;
}

interface Gathered {
  readonly words: readonly number[];
  readonly rows: number[];
  readonly places: number[];
}

function isAt(words: readonly number[], row: Int32Array, at: number): boolean {
  for (let k = 0; k < words.length; k++) if (words[k] !== row[at + k]) return false;
  return true;
}

/** Phrases of which no two stand in exactly the same rows. */
class DistinctRows {
  readonly phrases: Phrase[] = [];
  readonly #byHash = new Map<number, Phrase[]>();

  add(phrase: Phrase): void {
    const { rows } = phrase;
    const hash = rows.reduce(mix, rows.length);
    const alike = this.#byHash.get(hash);
    if (alike?.some((known) => known.rows.length === rows.length && known.rows.every((row, k) => row === rows[k]))) {
      return;
    }
    this.phrases.push(phrase);
    if (alike === undefined) this.#byHash.set(hash, [phrase]);
    else alike.push(phrase);
  }
}

/** Inside one message, and not its marks alone. */
const isWhole = (words: readonly number[], isEdge: (word: number) => boolean): boolean =>
  !words.slice(1, -1).some(isEdge) && !(isEdge(words[0] as number) && isEdge(words.at(-1) as number));

/**
 * Counts in how many rows each slot occurs.
 * @param isFrequent by the slots of phrases that are one word shorter
 * @param slotAt gets the slot of the phrase that begins at each word of all rows; -1 where there is none
 * @param last -1 everywhere
 */
function countSlots(
  rows: readonly Int32Array[],
  length: number,
  isFrequent: Uint8Array,
  slotAt: Int32Array,
  counts: Uint16Array,
  last: Int32Array,
): void {
  counts.fill(0);
  let at = 0;
  for (const [i, words] of rows.entries()) {
    // What `slotAt` holds here still belongs to the shorter phrases.
    for (let j = 0; j < words.length; j++, at++) {
      const isPossible =
        length === 1 ||
        (j + length <= words.length && isKnown(slotAt[at], isFrequent) && isKnown(slotAt[at + 1], isFrequent));
      if (!isPossible) {
        slotAt[at] = -1;
        continue;
      }
      const slot = slotOf(words, j, length);
      slotAt[at] = slot;
      if (last[slot] === i) continue;
      last[slot] = i;
      counts[slot] = Math.min(65_535, (counts[slot] as number) + 1);
    }
  }
}

const isKnown = (slot: number | undefined, isFrequent: Uint8Array): boolean =>
  slot !== undefined && slot >= 0 && isFrequent[slot] === 1;

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
  const n = phrase.rows.length;
  const mostOthers = n - Math.ceil(AGREE * n);
  const wordAt = (k: number, offset: number): number =>
    rows[phrase.rows[k] as number]?.[(phrase.places[k] as number) + offset] ?? -1;
  const shared = (offset: number): number | undefined => {
    // Among the first of the rows, too, a word of nearly all is left where unlike words cancel out.
    let [best, lead] = [-1, 0];
    for (let k = 0; k < Math.min(n, 2 * mostOthers + 1); k++) {
      const word = wordAt(k, offset);
      if (lead === 0) best = word;
      lead += word === best ? 1 : -1;
    }
    if (best < 0) return undefined;
    let others = 0;
    for (let k = 0; k < n; k++) if (wordAt(k, offset) !== best && ++others > mostOthers) return undefined;
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
