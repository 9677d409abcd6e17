/** Where each cached answer lies: an open-addressing table over typed arrays, 22 bytes a slot, at most 70 % full. */

export interface Place {
  /** Number of the file. */
  readonly file: number;
  /** Bytes from its beginning. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

const FULL = 0.7;

/** Most files that an index can tell apart. */
export const MOST_FILES = 2 ** 16 - 1;

export class CacheIndex {
  #capacity: number;
  #size = 0;
  #high: Uint32Array;
  #low: Uint32Array;
  /** File number + 1; 0 marks an empty slot. */
  #file: Uint16Array;
  #offset: Float64Array;
  #length: Uint32Array;

  /** @param capacity slots at the beginning, a power of two */
  constructor(capacity = 1024) {
    this.#capacity = capacity;
    this.#high = new Uint32Array(capacity);
    this.#low = new Uint32Array(capacity);
    this.#file = new Uint16Array(capacity);
    this.#offset = new Float64Array(capacity);
    this.#length = new Uint32Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** @param key hexadecimal; its first 16 digits decide, and what is found there must be checked against the whole key */
  get(key: string): Place | undefined {
    const slot = this.#slot(...halves(key));
    const file = this.#file[slot] as number;
    if (file === 0) return undefined;
    return { file: file - 1, offset: this.#offset[slot] as number, length: this.#length[slot] as number };
  }

  /** The last place that is set for a key counts. */
  set(key: string, { file, offset, length }: Place): void {
    if (this.#size + 1 > FULL * this.#capacity) this.#grow();
    const [high, low] = halves(key);
    const slot = this.#slot(high, low);
    if (this.#file[slot] === 0) this.#size++;
    this.#put(slot, high, low, file + 1, offset, length);
  }

  /** The slot that holds the key, or the empty one where it belongs. */
  #slot(high: number, low: number): number {
    const mask = this.#capacity - 1;
    let slot = low & mask;
    while (this.#file[slot] !== 0 && (this.#low[slot] !== low || this.#high[slot] !== high)) slot = (slot + 1) & mask;
    return slot;
  }

  #put(slot: number, high: number, low: number, file: number, offset: number, length: number): void {
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#file[slot] = file;
    this.#offset[slot] = offset;
    this.#length[slot] = length;
  }

  #grow(): void {
    const [high, low, file, offset, length] = [this.#high, this.#low, this.#file, this.#offset, this.#length];
    this.#capacity *= 2;
    this.#high = new Uint32Array(this.#capacity);
    this.#low = new Uint32Array(this.#capacity);
    this.#file = new Uint16Array(this.#capacity);
    this.#offset = new Float64Array(this.#capacity);
    this.#length = new Uint32Array(this.#capacity);
    for (let i = 0; i < file.length; i++) {
      if (file[i] === 0) continue;
      const [h, l] = [high[i] as number, low[i] as number];
      this.#put(this.#slot(h, l), h, l, file[i] as number, offset[i] as number, length[i] as number);
    }
  }
}

function halves(key: string): [number, number] {
  return [Number.parseInt(key.slice(0, 8), 16), Number.parseInt(key.slice(8, 16), 16)];
}
