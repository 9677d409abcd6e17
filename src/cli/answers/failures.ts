/** Counts single failures while the work continues, reports the first few in full, and sets the exit code. */
import { UsageError } from "../../text/index.js";

const MOST_TOLD = 3;

export interface Failures {
  readonly count: number;
  hear(id: string, error: Error): void;
  /** Throws where something failed. */
  conclude(): void;
}

/** @param thing `question`; @param what `could not be answered` */
export function failures(thing: string, what: string): Failures {
  let count = 0;
  const told: string[] = [];
  return {
    get count() {
      return count;
    },
    hear(id, error) {
      count++;
      if (told.length < MOST_TOLD) told.push(`  ${id}: ${error.message}`);
    },
    conclude() {
      if (count === 0) return;
      const more = count > told.length ? `\n  … and ${count - told.length} more` : "";
      throw new UsageError(
        `${count} ${thing}${count === 1 ? "" : "s"} ${what}:\n${told.join("\n")}${more}`,
        "The same command tries these again.",
      );
    },
  };
}
