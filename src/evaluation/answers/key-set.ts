/** Which rows are there already: a million of them in 16 MB, by 53 bits of their hash. */
import { startSha256 } from "../../store/index.js";

const FEWEST_SLOTS = 1024;

/** Two of a million rows are taken for one in 1 of 20,000 such files. */
export class KeySet {
  /** Open addressing with linear probing, at most half full; 0 is an empty slot. A `Set` of numbers takes three times that. */
  #slots = new Float64Array(FEWEST_SLOTS);
  #size = 0;

  /** False where it was there. */
  add(name: string): boolean {
    if (2 * (this.#size + 1) > this.#slots.length) this.#grow();
    const key = keyOf(name);
    const at = this.#placeOf(key);
    if (this.#slots[at] === key) return false;
    this.#slots[at] = key;
    this.#size++;
    return true;
  }

  has(name: string): boolean {
    const key = keyOf(name);
    return this.#slots[this.#placeOf(key)] === key;
  }

  get size(): number {
    return this.#size;
  }

  /** Where the key is, or where it would go. */
  #placeOf(key: number): number {
    const last = this.#slots.length - 1;
    let at = (key % 2 ** 32) & last;
    while (this.#slots[at] !== 0 && this.#slots[at] !== key) at = (at + 1) & last;
    return at;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Float64Array(2 * before.length);
    for (const key of before) if (key !== 0) this.#slots[this.#placeOf(key)] = key;
  }
}

function keyOf(name: string): number {
  const digest = startSha256().update(name).digest();
  return (digest.readUInt32LE(0) & 0x1fffff) * 2 ** 32 + digest.readUInt32LE(4) || 1;
}
