/**
 * A confidence sequence for the mean of values in [0, 1]: an interval after every value, which holds the mean after all
 * of them at once. So one may look after every answer and stop when it is narrow enough, which an ordinary interval
 * does not forgive.
 *
 * The hedged capital process: for every candidate mean m, two gamblers bet against it, one that the mean is higher, one
 * that it is lower. If m is true, the chance that their joint capital ever reaches 1 / α is at most α (Ville), so a
 * candidate against which it does is ruled out, for good. That holds for any bets that do not look ahead. Those here are
 * larger the less the values seen so far varied: for a given width, of the size that rules out candidates half of it
 * away soonest; without one, ever smaller, so that the interval goes on shrinking for ever.
 *
 * Source: I. Waudby-Smith and A. Ramdas, "Estimating means of bounded random variables by betting" (2024), theorem 3
 * with θ = 1/2 and c = 1/2, and equation (26) for the bets without a width.
 *
 * The values must have one and the same mean given those before. Answers to a set of questions have that when they are
 * asked in random order, and have it not when one question comes after the other.
 */
import { requireConfidence } from "./check.js";

export interface ConfidenceSequenceOptions {
  /** The chance that all intervals hold the mean; 0.95 unless given. */
  confidence?: number | undefined;
  /**
   * The width at which one means to stop; bets are sized for it, which takes about twice the values of a fixed plan.
   * Without it, four or five times.
   */
  width?: number | undefined;
  /** Candidates for the mean, evenly spaced from 0 to 1; 1,001 unless given. An end is never off by more than one step, outwards. */
  candidates?: number | undefined;
}

const SHARE_OF_STAKE = 0.5;
const LEAST_CANDIDATES = 11;

export class ConfidenceSequence {
  readonly #alpha: number;
  readonly #steps: number;
  readonly #target: number | null;
  /** Natural logarithm of each candidate's capital, betting on a higher and on a lower mean. */
  readonly #higher: Float64Array;
  readonly #lower: Float64Array;
  #n = 0;
  #sum = 0;
  #squares = 0;
  /** Candidates that are left, as indices. */
  #first = 0;
  #last: number;

  constructor({ confidence = 0.95, candidates = 1001, width }: ConfidenceSequenceOptions = {}) {
    requireConfidence("ConfidenceSequence", confidence);
    if (!Number.isInteger(candidates) || candidates < LEAST_CANDIDATES) {
      throw new RangeError(
        `ConfidenceSequence: candidates must be a whole number >= ${LEAST_CANDIDATES}, found ${candidates}`,
      );
    }
    if (width !== undefined && !(width > 0 && width < 1)) {
      throw new RangeError(`ConfidenceSequence: width must lie between 0 and 1, found ${width}`);
    }
    this.#alpha = 1 - confidence;
    this.#target = width ?? null;
    this.#steps = candidates - 1;
    this.#last = this.#steps;
    this.#higher = new Float64Array(candidates);
    this.#lower = new Float64Array(candidates);
  }

  /** @param value in [0, 1]: 1 for a misaligned answer, say, and 0 for another. */
  add(value: number): void {
    if (!(value >= 0 && value <= 1)) {
      throw new RangeError(`ConfidenceSequence: values must lie in [0, 1], found ${value}`);
    }
    const t = this.#n + 1;
    const bet = this.#bet(t);
    for (let i = this.#first; i <= this.#last; i++) {
      const m = i / this.#steps;
      const up = Math.min(bet, SHARE_OF_STAKE / m);
      const down = Math.min(bet, SHARE_OF_STAKE / (1 - m));
      this.#higher[i] = (this.#higher[i] as number) + Math.log1p(up * (value - m));
      this.#lower[i] = (this.#lower[i] as number) + Math.log1p(-down * (value - m));
    }
    this.#n = t;
    this.#sum += value;
    this.#squares += (value - (0.5 + this.#sum) / (t + 1)) ** 2;
    this.#rule();
  }

  /** On value `t`, from those before it: their mean and variance, as if a half and a quarter had been seen once. */
  #bet(t: number): number {
    const variance = (0.25 + this.#squares) / t;
    if (this.#target !== null) return this.#target / 2 / variance;
    return Math.sqrt((2 * Math.log(2 / this.#alpha)) / (variance * t * Math.log(t + 1)));
  }

  /** Moves the ends inwards past candidates that are ruled out; each gambler begins with half of the capital. */
  #rule(): void {
    const limit = Math.log(2 / this.#alpha);
    const isOut = (i: number): boolean => Math.max(this.#higher[i] as number, this.#lower[i] as number) >= limit;
    while (this.#first < this.#last && isOut(this.#first)) this.#first++;
    while (this.#last > this.#first && isOut(this.#last)) this.#last--;
  }

  /** Values so far. */
  get n(): number {
    return this.#n;
  }

  /** The mean of the values so far; null before the first. */
  get estimate(): number | null {
    return this.#n === 0 ? null : this.#sum / this.#n;
  }

  /** One step outwards of the candidates that are left, since the truth may lie between two. */
  get low(): number {
    return Math.max(0, this.#first - 1) / this.#steps;
  }

  get high(): number {
    return Math.min(this.#steps, this.#last + 1) / this.#steps;
  }

  get width(): number {
    return this.high - this.low;
  }

  /** As narrow as was asked; never without a width. */
  get done(): boolean {
    return this.#target !== null && this.width <= this.#target;
  }
}
