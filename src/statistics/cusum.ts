/**
 * A cumulative sum: what a stream of standardised scores exceeds its allowance by, added up since it last fell to zero.
 * It rises with a lasting change, however small above the allowance, and forgets a single outlier.
 *
 * Source: E. S. Page, "Continuous Inspection Schemes" (1954).
 */
export class Cusum {
  #value = 0;
  #peak = 0;

  /** @param allowance what a score may be without counting, in its own units; 0 or more */
  constructor(readonly allowance: number) {
    if (!(allowance >= 0 && Number.isFinite(allowance))) {
      throw new RangeError(`Cusum: the allowance must be 0 or more, found ${allowance}`);
    }
  }

  /** Takes the next score and returns the sum after it. */
  add(score: number): number {
    if (!Number.isFinite(score)) throw new RangeError(`Cusum: scores must be finite, found ${score}`);
    this.#value = Math.max(0, this.#value + score - this.allowance);
    this.#peak = Math.max(this.#peak, this.#value);
    return this.#value;
  }

  get value(): number {
    return this.#value;
  }

  /** The largest sum so far. */
  get peak(): number {
    return this.#peak;
  }
}
