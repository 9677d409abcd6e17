/** Maps and sets of numbers that begin at 0 and have few gaps, as arrays that grow. */

export class DenseMap {
  /** One more than the value; 0 where there is none. */
  #values = new Int32Array(1024);

  /** -1 where there is none. */
  get(key: number): number {
    return key < this.#values.length ? (this.#values[key] as number) - 1 : -1;
  }

  set(key: number, value: number): void {
    if (key >= this.#values.length) {
      const larger = new Int32Array(Math.max(key + 1, 2 * this.#values.length));
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[key] = value + 1;
  }
}

/** A set that is cleared without touching its members. */
export class DenseSet {
  readonly #rounds = new DenseMap();
  #round = 0;

  clear(): void {
    this.#round++;
  }

  has(key: number): boolean {
    return this.#rounds.get(key) === this.#round;
  }

  /** @returns whether it is new */
  add(key: number): boolean {
    if (this.has(key)) return false;
    this.#rounds.set(key, this.#round);
    return true;
  }
}
