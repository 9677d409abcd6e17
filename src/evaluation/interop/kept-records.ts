/** Records that are gone through several times: kept after the first time where they are few, and read again otherwise. */
import type { AnswerRecord } from "./records.js";
import type { RecordSource } from "./tables.js";

/** Characters of text that are kept in memory. */
const MOST_TEXT = 64 * 2 ** 20;
/** What a record takes beside its texts, in characters. */
const AROUND = 512;

export function keptRecords(records: RecordSource): RecordSource {
  let kept: readonly AnswerRecord[] | undefined;
  return async function* () {
    if (kept !== undefined) {
      yield* kept;
      return;
    }
    const seen: AnswerRecord[] = [];
    let text = 0;
    for await (const record of records()) {
      text += sizeOf(record);
      if (text <= MOST_TEXT) seen.push(record);
      else seen.length = 0;
      yield record;
    }
    if (text <= MOST_TEXT) kept = seen;
  };
}

function sizeOf(record: AnswerRecord): number {
  let size = AROUND;
  for (const value of Object.values(record)) {
    if (typeof value === "string") size += value.length;
    else if (typeof value === "object" && value !== null) size += JSON.stringify(value).length;
  }
  return size;
}
