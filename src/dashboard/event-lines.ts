/**
 * A run's events.jsonl as it grows, from any event on. Events are numbered in the file itself, so a page that comes back
 * to another server, or after a restart, misses none.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LoggedEvent } from "./contract.js";
import { GrowingLines } from "./growing-lines.js";
import { isText, objectIn, plainStat, usePlain } from "./plain-file.js";

/** Events that are handed over at a time. */
const PORTION = 500;

/** Ends where the file goes, or the signal comes. @param last the number of the event that was seen last */
export async function* eventLines(
  folder: string,
  last: number,
  signal: AbortSignal,
  every = 500,
): AsyncGenerator<LoggedEvent[], void> {
  const path = join(folder, "events.jsonl");
  const lines = new GrowingLines();
  let seen = last;
  while (!signal.aborted) {
    const stat = await plainStat(path);
    if (stat === undefined) return;
    if (stat.size > lines.end) {
      const events: LoggedEvent[] = [];
      await usePlain(path, (handle) =>
        lines.read(handle, Infinity, (line) => {
          const { id, time, type, ...more } = objectIn(line) ?? {};
          if (typeof id !== "number" || !isText(type) || id <= seen) return;
          seen = id;
          events.push({ ...more, id, type, time: isText(time) ? time : "" });
        }),
      );
      for (let at = 0; at < events.length; at += PORTION) yield events.slice(at, at + PORTION);
    }
    await sleep(every, undefined, { signal }).catch(() => undefined);
  }
}
