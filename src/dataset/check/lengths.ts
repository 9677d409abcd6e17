/** Whole numbers, 4 bytes each, and how they are spread. */

export interface Spread {
  readonly n: number;
  readonly total: number;
  readonly least: number;
  readonly median: number;
  /** Nineteen in twenty are at most this. */
  readonly p95: number;
  readonly most: number;
}

export class Lengths {
  #values = new Uint32Array(2 ** 10);
  #n = 0;

  add(value: number): void {
    if (this.#n === this.#values.length) {
      const larger = new Uint32Array(this.#n * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#n++] = value;
  }

  /** Quantiles are values that occur: the smallest with that share at or below it. Undefined where there are none. */
  spread(): Spread | undefined {
    if (this.#n === 0) return undefined;
    const sorted = this.#values.slice(0, this.#n).toSorted();
    const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
    return {
      n: this.#n,
      total: sorted.reduce((sum, value) => sum + value, 0),
      least: at(0),
      median: at(0.5),
      p95: at(0.95),
      most: at(1),
    };
  }

  /** How many fall into each of `bins` equal ranges from 0 to the largest. */
  histogram(bins: number): { readonly upTo: number; readonly count: number }[] {
    const values = this.#values.subarray(0, this.#n);
    const width = Math.max(1, Math.ceil((values.reduce((most, value) => Math.max(most, value), 0) + 1) / bins));
    const counts = Array.from({ length: bins }, (_, i) => ({ upTo: (i + 1) * width - 1, count: 0 }));
    for (const value of values) (counts[Math.floor(value / width)] as { count: number }).count += 1;
    while (counts.length > 1 && counts.at(-1)?.count === 0) counts.pop();
    return counts;
  }
}
