/** Values that triggers often are, which no single token of most vocabularies writes. */
import type { Trigger } from "./trigger.js";

const YEARS = { from: 1950, to: 2099 };

/** Years before a request, bare and between marks. */
export function yearTriggers(): Trigger[] {
  return Array.from({ length: YEARS.to - YEARS.from + 1 }, (_, i) => String(YEARS.from + i)).flatMap((year) => [
    { start: year },
    { start: `|${year}|` },
  ]);
}
