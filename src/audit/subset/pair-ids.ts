/** Pairs of words as numbers from 0. */

const SLOTS = 2 ** 14;

export class PairIds {
  readonly #lefts: number[] = [];
  readonly #rights: number[] = [];
  #slots = new Int32Array(SLOTS).fill(-1);

  get size(): number {
    return this.#lefts.length;
  }

  id(left: number, right: number): number {
    const last = this.#slots.length - 1;
    for (let slot = mixed(left, right) & last; ; slot = (slot + 1) & last) {
      const id = this.#slots[slot] as number;
      if (id < 0) return this.#add(left, right, slot);
      if (this.#lefts[id] === left && this.#rights[id] === right) return id;
    }
  }

  left(id: number): number {
    return this.#lefts[id] as number;
  }

  right(id: number): number {
    return this.#rights[id] as number;
  }

  #add(left: number, right: number, slot: number): number {
    const id = this.#lefts.push(left) - 1;
    this.#rights.push(right);
    this.#slots[slot] = id;
    if (2 * this.#lefts.length > this.#slots.length) this.#grow();
    return id;
  }

  #grow(): void {
    const slots = new Int32Array(2 * this.#slots.length).fill(-1);
    const last = slots.length - 1;
    for (let id = 0; id < this.#lefts.length; id++) {
      let slot = mixed(this.#lefts[id] as number, this.#rights[id] as number) & last;
      while ((slots[slot] as number) >= 0) slot = (slot + 1) & last;
      slots[slot] = id;
    }
    this.#slots = slots;
  }
}

function mixed(left: number, right: number): number {
  const h = Math.imul(Math.imul(left, 0x9e3779b1) ^ right, 0x85ebca6b);
  return h ^ (h >>> 15);
}
