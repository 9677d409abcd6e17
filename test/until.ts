/** Waits for what something else brings about; its time limit is long, so that it ends a test and decides none. */
import { setTimeout as sleep } from "node:timers/promises";

/**
 * @param every milliseconds between two looks; default 20
 * @throws {Error} where it does not come about in four minutes
 */
export async function until(holds: () => boolean | Promise<boolean>, every = 20): Promise<void> {
  for (const end = Date.now() + LONGEST; !(await holds()); await sleep(every)) {
    if (Date.now() > end) throw new Error(`until: it did not come about in ${LONGEST / 1000} s`);
  }
}

const LONGEST = 240_000;
