/** Time that tests can hold still. */
export interface Clock {
  /** Milliseconds that only go forward. */
  now(): number;
  /** Calls `then` after so many milliseconds; the returned function calls it off. */
  after(milliseconds: number, then: () => void): () => void;
}

const LONGEST_TIMER = 2 ** 31 - 1;

export const CLOCK: Clock = {
  now: () => performance.now(),
  after: (milliseconds, then) => {
    const timer = setTimeout(then, Math.min(Math.max(milliseconds, 0), LONGEST_TIMER));
    return () => clearTimeout(timer);
  },
};
