/**
 * Records of comma-, semicolon- or tab-separated values, as spreadsheets and data frames write them. csv-parse reads
 * them; added are the line that each begins on, the delimiter that the header has, and a bound on every record.
 */
import { parse, type CsvError } from "csv-parse";
import type { Fail } from "./input.js";
import { quoted } from "./problem.js";

export interface CsvRecord {
  readonly fields: readonly string[];
  /** The line it begins on, from 1. */
  readonly line: number;
}

/** A quote that is never closed must not swallow a file of any size. */
const LONGEST_RECORD = 16 * 2 ** 20;
const DELIMITERS = [",", ";", "\t", "|"] as const;
const LINE_END = /\r\n|\r|\n/g;

/** @param texts the file, decoded, in pieces of any size */
export async function* csvRecords(
  texts: AsyncIterable<string>,
  file: string,
  fail: Fail,
): AsyncGenerator<CsvRecord[], void> {
  const pieces = texts[Symbol.asyncIterator]();
  const head = await headOf(pieces);
  // Excel's own way to say it.
  const declared = /^sep=(.)(?:\r\n|\r|\n)/.exec(head);
  const first = declared === null ? head : head.slice(declared[0].length);
  let [line, empty] = [declared === null ? 1 : 2, 0];
  let records: CsvRecord[] = [];
  const parser = parse({
    delimiter: declared?.[1] ?? delimiterOf(first),
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    // A quote inside a field that does not begin with one is text.
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_RECORD,
    // Taken here, a record that stands before a fault is not lost with the stream's buffer.
    on_record: (record: readonly string[], { empty_lines: skipped }): null => {
      line += skipped - empty;
      empty = skipped;
      records.push({ fields: record, line });
      // csv-parse counts the two signs that end a line within quotes as two lines.
      line += 1 + record.reduce((sum, field) => sum + (field.match(LINE_END)?.length ?? 0), 0);
      return null;
    },
  });
  parser.on("error", () => {}); // the callbacks below hear of it
  parser.resume();
  const done = (give: (callback: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      parser.once("error", reject);
      give((error) => {
        parser.off("error", reject);
        if (error) reject(error);
        else resolve();
      });
    });
  const taken = (): CsvRecord[] => {
    const whole = records;
    records = [];
    return whole;
  };
  try {
    await done((callback) => parser.write(first, callback));
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
      if (records.length > 0) yield taken();
      await done((callback) => parser.write(next.value, callback));
    }
    await done((callback) => parser.end(callback));
  } catch (error) {
    throw csvFault(error, file, line, fail);
  } finally {
    parser.destroy();
    await pieces.return?.();
  }
  if (records.length > 0) yield taken();
}

const FAULTS: Readonly<Record<string, readonly [expected: string, found: string, cure: string]>> = {
  CSV_QUOTE_NOT_CLOSED: ["a quote that is closed", "none before the end of the file", "Double a quote meant as text."],
  CSV_INVALID_CLOSING_QUOTE: [
    "a delimiter or the end of the line after a closing quote",
    "more text",
    "Double a quote that is meant as text.",
  ],
  CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE: [
    "a delimiter or the end of the line after a closing quote",
    "more text",
    "Double a quote that is meant as text.",
  ],
  CSV_MAX_RECORD_SIZE: [
    `a record of at most ${LONGEST_RECORD / 2 ** 20} MiB`,
    "a longer one",
    "Is a quote opened in it and never closed?",
  ],
};

function csvFault(error: unknown, file: string, line: number, fail: Fail): unknown {
  const code = error instanceof Error ? (error as Partial<CsvError>).code : undefined;
  const known = code === undefined ? undefined : FAULTS[code];
  if (known === undefined) return error;
  const [expected, found, cure] = known;
  return fail({ file, line, kind: "csv", expected, found, cure }, { cause: error });
}

/** The text up to the end of the header's line, or more. */
async function headOf(pieces: AsyncIterator<string>): Promise<string> {
  let head = "";
  while (!/[\r\n]./s.test(head) && head.length < LONGEST_RECORD) {
    const next = await pieces.next();
    if (next.done === true) break;
    head += next.value;
  }
  return head.startsWith("\ufeff") ? head.slice(1) : head;
}

/** The one that the header has most of, outside quotes; a comma where it has none. */
function delimiterOf(head: string): string {
  const header = /^(?:[\r\n]*)((?:"(?:[^"]|"")*"|[^"\r\n])*)/.exec(head.slice(0, 2 ** 16))?.[1] ?? "";
  const bare = header.replaceAll(/"(?:[^"]|"")*"/g, "");
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ",";
}

/** Names of columns with their places; a column without a name, such as a data frame's row numbers, has none. */
export function columnsOf({ fields, line }: CsvRecord, file: string, fail: Fail): ReadonlyMap<string, number> {
  const columns = new Map<string, number>();
  for (const [at, field] of fields.entries()) {
    const name = field.trim();
    if (name === "") continue;
    if (columns.has(name)) {
      const found = `${quoted(name)} again, as column ${at + 1}`;
      throw fail({ file, line, kind: "duplicate-key", expected: "each column once", found, cure: "Rename one." });
    }
    columns.set(name, at);
  }
  return columns;
}

/** A record by the names of its columns. */
export function valuesOf(
  { fields, line }: CsvRecord,
  columns: ReadonlyMap<string, number>,
  width: number,
  file: string,
  fail: Fail,
): Readonly<Record<string, string>> {
  if (fields.length !== width) {
    const [expected, found] = [`${width} fields, as in the header`, `${fields.length}`];
    const cure =
      fields.length > width
        ? "Put a field that holds a delimiter between double quotes."
        : "Is the line cut short, or a field left out?";
    throw fail({ file, line, kind: "csv", expected, found, cure });
  }
  return Object.fromEntries([...columns].map(([name, at]) => [name, fields[at] as string]));
}
