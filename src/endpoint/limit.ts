/**
 * How many requests may be in flight: additive increase, multiplicative decrease, as TCP finds its share of a line
 * (Jacobson, "Congestion avoidance and control", 1988). Pure logic; time is handed in.
 *
 * - Up to the first overload every success makes room for one more, so the limit doubles with every round of replies.
 * - After it, a whole round of successes makes room for one more.
 * - An overload (429, 503, a deadline) cuts the limit to a half; those that were in flight by then saw the same queue, so their
 *   overloads cut nothing more.
 * - A limit that is not used says nothing about the server, so it does not grow.
 * - `Retry-After` pauses everything.
 */
export interface LimitOptions {
  /** Requests in flight at the beginning; default 16. */
  readonly start?: number;
  /** Default 1. */
  readonly least?: number;
  /** Default 256. */
  readonly most?: number;
}

/** A request in flight. */
export interface Flight {
  /** How often the limit had been cut when it began. */
  readonly cuts: number;
}

export type FlightEnd = "success" | "overload" | "other";

export const DEFAULT_MOST = 256;
const DECREASE = 0.5;

export class AdaptiveLimit {
  readonly least: number;
  readonly most: number;
  #limit: number;
  #inFlight = 0;
  #cuts = 0;
  #pausedUntil = -Infinity;

  constructor({ start = 16, least = 1, most = DEFAULT_MOST }: LimitOptions = {}) {
    if (!(Number.isInteger(least) && Number.isInteger(most) && least >= 1 && most >= least)) {
      throw new RangeError(`AdaptiveLimit: expected whole numbers 1 <= least <= most, found ${least} and ${most}`);
    }
    this.least = least;
    this.most = most;
    this.#limit = Math.min(Math.max(start, least), most);
  }

  /** Whole requests that may be in flight now. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Milliseconds from `now` until the pause ends; 0 without one. */
  pause(now: number): number {
    return Math.max(0, this.#pausedUntil - now);
  }

  /** Whether one more may start. */
  mayStart(now: number): boolean {
    return this.#inFlight < this.limit && this.pause(now) === 0;
  }

  start(): Flight {
    this.#inFlight++;
    return { cuts: this.#cuts };
  }

  /** @param retryAfter milliseconds that the server asks everybody to wait */
  end(flight: Flight, how: FlightEnd, now: number, retryAfter = 0): void {
    const used = this.#inFlight >= this.limit;
    this.#inFlight--;
    if (retryAfter > 0) this.#pausedUntil = Math.max(this.#pausedUntil, now + retryAfter);
    if (how === "overload" && flight.cuts === this.#cuts) {
      this.#cuts++;
      this.#limit = Math.max(this.least, this.#limit * DECREASE);
    } else if (how === "success" && used && flight.cuts === this.#cuts) {
      this.#limit = Math.min(this.most, this.#limit + (this.#cuts === 0 ? 1 : 1 / this.#limit));
    }
  }
}
