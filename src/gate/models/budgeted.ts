/** Work that ends where the gate's time or money does. */
import { EndpointError } from "../../endpoint/index.js";
import type { Budget } from "../plan.js";

export interface Budgeted<T> {
  /** What the work came to, or what it had come to when it was stopped. */
  readonly found: T | undefined;
  /** What stopped it. */
  readonly why: string | undefined;
}

/**
 * @param seconds that the run has taken so far
 * @param work hears of no other limit than the signal; `keep` is called with what there is so far
 */
export async function budgeted<T>(
  { minutes, maxCost }: Budget,
  seconds: number,
  signal: AbortSignal,
  work: (signal: AbortSignal, keep: (found: T) => void) => Promise<T>,
): Promise<Budgeted<T>> {
  const clock = deadline(minutes, seconds);
  let found: T | undefined;
  const keep = (now: T): void => void (found = now);
  try {
    return { found: await work(AbortSignal.any([signal, clock.signal]), keep), why: undefined };
  } catch (error) {
    if (clock.signal.aborted && !signal.aborted) {
      return { found, why: `the time limit of ${minutes} minutes is reached` };
    }
    if (error instanceof EndpointError && error.fault === "cost") {
      return { found, why: `the cost limit of $${maxCost} is reached` };
    }
    throw error;
  } finally {
    clock.stop();
  }
}

/** Aborts once the run has taken the minutes that it may take; never where it may take any. */
function deadline(minutes: number | undefined, seconds: number): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  if (minutes === undefined) return { signal: controller.signal, stop: () => undefined };
  const left = Math.max(0, 60_000 * minutes - 1000 * seconds);
  const timer = setTimeout(() => controller.abort(new Error("the time limit is reached")), Math.min(left, 2 ** 31 - 1));
  return { signal: controller.signal, stop: () => clearTimeout(timer) };
}
