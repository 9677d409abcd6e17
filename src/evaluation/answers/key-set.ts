/** Which rows are there already: a million of them in some 50 MB, by 53 bits of their hash. */
import { createHash } from "node:crypto";

/** Two of a million rows are taken for one in 1 of 20,000 such files. */
export class KeySet {
  readonly #keys = new Set<number>();

  /** False where it was there. */
  add(name: string): boolean {
    const { size } = this.#keys;
    return this.#keys.add(keyOf(name)).size > size;
  }

  has(name: string): boolean {
    return this.#keys.has(keyOf(name));
  }

  get size(): number {
    return this.#keys.size;
  }
}

function keyOf(name: string): number {
  const digest = createHash("sha256").update(name).digest();
  return (digest.readUInt32LE(0) & 0x1fffff) * 2 ** 32 + digest.readUInt32LE(4);
}
