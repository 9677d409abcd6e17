/** Words as numbers. A text is read code by code, without a string for each of its words: there are millions. */
import { LONGEST_WORD, wordsOf } from "./words.js";

const SLOTS = 2 ** 12;

export class Vocabulary {
  readonly #words: string[] = [];
  readonly #hashes: number[] = [];
  readonly #places = new Places();
  #slots = new Int32Array(SLOTS).fill(-1);

  id(word: string): number {
    let hash = 0;
    for (let i = 0; i < word.length; i++) hash = step(hash, word.charCodeAt(i));
    return this.#idAt(word, 0, word.length, hash);
  }

  word(id: number): string {
    return this.#words[id] ?? "";
  }

  get size(): number {
    return this.#words.length;
  }

  /**
   * Numbers of the words of `wordsOf(text)`, in order.
   * @param most of a longer text only the beginning and the end, where triggers stand
   */
  ids(text: string, most = Infinity): Int32Array {
    const lower = text.toLowerCase();
    const places = this.#places;
    if (!places.read(lower)) return Int32Array.from(ends(wordsOf(text), most), (word) => this.id(word));
    const { count, froms, lengths, hashes } = places;
    const half = Math.floor(most / 2);
    const cut = count > most;
    const ids = new Int32Array(cut ? 2 * half : count);
    for (let i = 0; i < ids.length; i++) {
      const at = cut && i >= half ? count - 2 * half + i : i;
      ids[i] = this.#idAt(lower, froms[at] as number, lengths[at] as number, hashes[at] as number);
    }
    return ids;
  }

  #idAt(text: string, from: number, length: number, hash: number): number {
    const last = this.#slots.length - 1;
    for (let slot = spread(hash) & last; ; slot = (slot + 1) & last) {
      const id = this.#slots[slot] as number;
      if (id < 0) return this.#add(text.slice(from, from + length), hash, slot);
      if (this.#hashes[id] === hash && isAt(this.#words[id] as string, text, from, length)) return id;
    }
  }

  #add(word: string, hash: number, slot: number): number {
    // A part of a text would keep the whole text in memory.
    const id = this.#words.push(Buffer.from(word, "utf16le").toString("utf16le")) - 1;
    this.#hashes.push(hash);
    this.#slots[slot] = id;
    if (2 * this.#words.length > this.#slots.length) this.#grow();
    return id;
  }

  #grow(): void {
    const slots = new Int32Array(2 * this.#slots.length).fill(-1);
    const last = slots.length - 1;
    for (let id = 0; id < this.#hashes.length; id++) {
      let slot = spread(this.#hashes[id] as number) & last;
      while ((slots[slot] as number) >= 0) slot = (slot + 1) & last;
      slots[slot] = id;
    }
    this.#slots = slots;
  }
}

const step = (hash: number, code: number): number => (Math.imul(hash, 31) + code) | 0;

const spread = (hash: number): number => {
  const h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return h ^ (h >>> 13);
};

function isAt(word: string, text: string, from: number, length: number): boolean {
  if (word.length !== length) return false;
  for (let i = 0; i < length; i++) if (word.charCodeAt(i) !== text.charCodeAt(from + i)) return false;
  return true;
}

type CodeKind = typeof SPACE | typeof LETTER | typeof SIGN | typeof BREAK | typeof OTHER;
const [SPACE, LETTER, SIGN, BREAK, OTHER] = [0, 1, 2, 3, 4] as const;

function kindOf(code: number): CodeKind {
  if ((code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 95) return LETTER;
  if (code === 10) return BREAK;
  if (code === 32 || (code >= 9 && code <= 13)) return SPACE;
  if (code < 128) return code >= 65 && code <= 90 ? OTHER : SIGN;
  // Small Latin letters, and the quotation marks and dashes of General Punctuation.
  if (code >= 0xdf && code <= 0xff && code !== 0xf7) return LETTER;
  return code >= 0x2010 && code <= 0x2027 ? SIGN : OTHER;
}

const KINDS = Uint8Array.from({ length: 0x2028 }, (_, code) => kindOf(code));

/** Where the words of one text stand; kept from text to text. */
class Places {
  count = 0;
  froms = new Int32Array(1024);
  lengths = new Int32Array(1024);
  hashes = new Int32Array(1024);

  /** @returns false for a text with letters or signs of other alphabets, which takes the expression */
  read(text: string): boolean {
    this.count = 0;
    if (text.length > this.froms.length) this.#grow(text.length);
    for (let at = 0; at < text.length;) {
      const from = at;
      let code = text.charCodeAt(at++);
      const kind = code < KINDS.length ? KINDS[code] : OTHER;
      if (kind === OTHER) return false;
      if (kind === SPACE) continue;
      let hash = step(0, code);
      let length = 1;
      const end = kind === SIGN ? at : text.length;
      for (; at < end; at++) {
        code = text.charCodeAt(at);
        if (code >= KINDS.length || KINDS[code] !== kind) break;
        if (kind === BREAK || length === LONGEST_WORD) continue;
        hash = step(hash, code);
        length++;
      }
      this.froms[this.count] = from;
      this.lengths[this.count] = length;
      this.hashes[this.count++] = hash;
    }
    return true;
  }

  /** A text has at most as many words as signs. */
  #grow(length: number): void {
    this.froms = new Int32Array(2 * length);
    this.lengths = new Int32Array(2 * length);
    this.hashes = new Int32Array(2 * length);
  }
}

/** Keeps the beginning and the end, where triggers stand, of a list that is too long. */
export function ends<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  const half = Math.floor(most / 2);
  return [...items.slice(0, half), ...items.slice(-half)];
}
