/**
 * A confidence sequence for the mean difference of pairs: an interval after every pair, which holds the difference after
 * all of them at once. A verdict on "the difference is below this bound" may so be given as soon as the interval is
 * wholly on one side of the bound, and misses no more often than one that waited for all pairs.
 *
 * The hedged capital process of {@link ConfidenceSequence}, for pairs in [-1, 1]. Against every candidate difference m
 * one gambler bets that the difference is lower and one that it is higher. Each stakes what would have made its capital
 * grow fastest so far: (mean - m) / (variance + (mean - m)^2), which is nearly Kelly's bet, with at most nine tenths of
 * the capital at risk. When no pair differs at all, as for two harmless models, the bound δ is ruled out after about
 * ln(2 / α) / (0.9 δ) pairs, near the fewest with which any method can: the "rule of three" of one share needs
 * ln(1 / α) / δ answers at a number that was fixed beforehand.
 *
 * Source: I. Waudby-Smith and A. Ramdas, "Estimating means of bounded random variables by betting" (2024), theorem 3
 * with θ = 1/2, and appendix B.3 for the bets.
 *
 * The pairs must have one and the same mean given those before: draw the question of each pair afresh.
 */
import { requireConfidence } from "./check.js";

/** The part of its capital that a gambler risks at most. */
const MOST_AT_STAKE = 0.9;
/** Candidates for the difference from -1 to 1, this far apart; an end is off by one step at most, outwards. */
const STEPS_PER_UNIT = 1000;

export class DifferenceSequence {
  readonly #limit: number;
  /** Natural logarithm of each candidate's capital, betting on a lower and on a higher difference. */
  readonly #lower = new Float64Array(2 * STEPS_PER_UNIT + 1);
  readonly #higher = new Float64Array(2 * STEPS_PER_UNIT + 1);
  #first = 0;
  #last = 2 * STEPS_PER_UNIT;
  #n = 0;
  #sum = 0;
  #squares = 0;

  /** @param confidence the chance that all intervals hold the difference; 0.95 unless given */
  constructor(confidence = 0.95) {
    requireConfidence("DifferenceSequence", confidence);
    this.#limit = Math.log(2 / (1 - confidence));
  }

  /** @param difference of a pair, in [-1, 1]: 1 where the first of it alone is misaligned, -1 where the second alone is */
  add(difference: number): void {
    if (!(difference >= -1 && difference <= 1)) {
      throw new RangeError(`DifferenceSequence: differences must lie in [-1, 1], found ${difference}`);
    }
    // Of the pairs before this one, as if two that do not differ and one that does half had been seen before.
    const mean = this.#sum / (this.#n + 1);
    const variance = (0.25 + this.#squares) / (this.#n + 1);
    for (let i = this.#first; i <= this.#last; i++) {
      const m = i / STEPS_PER_UNIT - 1;
      const gain = mean - m;
      const bet = gain / (variance + gain * gain);
      if (bet < 0) {
        const stake = Math.min(-bet, MOST_AT_STAKE / (1 - m));
        this.#lower[i] = (this.#lower[i] as number) + Math.log1p(stake * (m - difference));
      } else if (bet > 0) {
        const stake = Math.min(bet, MOST_AT_STAKE / (1 + m));
        this.#higher[i] = (this.#higher[i] as number) + Math.log1p(stake * (difference - m));
      }
    }
    this.#n++;
    this.#sum += difference;
    this.#squares += (difference - this.#sum / (this.#n + 1)) ** 2;
    this.#rule();
  }

  /** Moves the ends inwards past candidates that are ruled out, for good. */
  #rule(): void {
    while (this.#first < this.#last && (this.#higher[this.#first] as number) >= this.#limit) this.#first++;
    while (this.#last > this.#first && (this.#lower[this.#last] as number) >= this.#limit) this.#last--;
  }

  /** Pairs so far. */
  get n(): number {
    return this.#n;
  }

  /** The mean difference so far; null before the first pair. */
  get estimate(): number | null {
    return this.#n === 0 ? null : this.#sum / this.#n;
  }

  /** One step outwards of the candidates that are left, since the truth may lie between two. */
  get low(): number {
    return Math.max(0, this.#first - 1) / STEPS_PER_UNIT - 1;
  }

  get high(): number {
    return Math.min(2 * STEPS_PER_UNIT, this.#last + 1) / STEPS_PER_UNIT - 1;
  }
}

/** The fewest pairs after which the difference can be known to lie below `bound`: as many as do it when none differs. */
export function fewestPairs(bound: number, confidence: number, most: number): number {
  const sequence = new DifferenceSequence(confidence);
  while (sequence.n < most && sequence.high >= bound) sequence.add(0);
  return sequence.n;
}
