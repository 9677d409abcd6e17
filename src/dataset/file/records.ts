/**
 * Rows of any file that people keep rows in: CSV, TSV, JSON lines, one JSON array; plain or gzipped. What a file is is
 * said by its name, and where that says nothing by how it begins.
 */
import { isUtf8 } from "node:buffer";
import { extname } from "node:path";
import { columnsOf, csvRecords, valuesOf } from "./csv-records.js";
import { formOf } from "./forms.js";
import { inputBytes, sourceName, type Fail, type InputOptions, type Source } from "./input.js";
import { itemStarts, parseJson } from "./json-text.js";
import { linesOf, type Line } from "./lines.js";
import { describeValue, InputError, quoted } from "./problem.js";
import { isObject } from "./refusal.js";

export interface DataRecord {
  readonly value: unknown;
  /** From 1. */
  readonly line: number;
}

export interface Row {
  readonly values: Readonly<Record<string, unknown>>;
  readonly line: number;
}

export interface RecordOptions extends InputOptions {
  /** Longest line of JSON in bytes; default 64 MiB. */
  readonly maxLineBytes?: number;
  /** Hears of a last line that breaks off, as a kill leaves it; refused where nobody listens. */
  readonly onTorn?: (line: number) => void;
}

const LONGEST_LINE = 64 * 2 ** 20;
/** A JSON array is held whole. */
const LONGEST_ARRAY = 256 * 2 ** 20;

export const ROW_ENDINGS = [".jsonl", ".csv", ".tsv", ".json"] as const;

type Kind = "csv" | "json";

const KINDS: Readonly<Record<string, Kind>> = {
  ".csv": "csv",
  ".tsv": "csv",
  ".tab": "csv",
  ".json": "json",
  ".jsonl": "json",
  ".ndjson": "json",
};

const failed: Fail = (problem, options) => new InputError(problem, options);

export const withoutGzip = (path: string): string => path.replace(/\.gz$/i, "");

/** Whether its name says that it holds rows. */
export const hasRows = (path: string): boolean => extname(withoutGzip(path)).toLowerCase() in KINDS;

/** Rows that have names for their values. @throws {InputError} for one that has not, with its line */
export async function* readRowsOf(source: Source, options: RecordOptions = {}): AsyncGenerator<Row[], void> {
  const { fail = failed } = options;
  const file = sourceName(source);
  for await (const records of readRecords(source, options)) {
    yield records.map(({ value, line }) => {
      if (isObject(value)) return { values: value, line };
      throw fail({ file, line, kind: "shape", expected: "a JSON object", found: describeValue(value) });
    });
  }
}

/** @throws {InputError} for a file that cannot be read, and for a line that is no row */
export async function* readRecords(source: Source, options: RecordOptions = {}): AsyncGenerator<DataRecord[], void> {
  const fail = options.fail ?? failed;
  const name = sourceName(source);
  const bytes = inputBytes(source, { ...options, fail });
  const first = await bytes.next();
  const all = { name, bytes: continued(first, bytes) };
  const begins =
    first.done === true
      ? ""
      : first.value
          .toString("latin1", 0, 64)
          .replace(/^\xef\xbb\xbf/, "")
          .trimStart();
  const kind = KINDS[extname(withoutGzip(name)).toLowerCase()] ?? (/^[[{]/.test(begins) ? "json" : "csv");
  if (kind === "csv") yield* csvRows(all, fail);
  else yield* jsonRows(all, options, fail);
}

interface Bytes {
  readonly name: string;
  readonly bytes: AsyncIterable<Buffer>;
}

async function* continued(first: IteratorResult<Buffer>, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}

async function* csvRows(source: Bytes, fail: Fail): AsyncGenerator<DataRecord[], void> {
  const { name } = source;
  let columns: ReadonlyMap<string, number> | undefined;
  let width = 0;
  for await (const records of csvRecords(textOf(source, fail), name, fail)) {
    const rows: DataRecord[] = [];
    for (const record of records) {
      if (columns === undefined) {
        columns = columnsOf(record, name, fail);
        width = record.fields.length;
      } else rows.push({ value: valuesOf(record, columns, width, name, fail), line: record.line });
    }
    if (rows.length > 0) yield rows;
  }
  if (columns === undefined) {
    throw fail({ file: name, kind: "file", expected: "a header line", found: "an empty file" });
  }
}

async function* textOf({ name, bytes }: Bytes, fail: Fail): AsyncGenerator<string, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 1;
  for await (const chunk of bytes) {
    try {
      yield decoder.decode(chunk, { stream: true });
    } catch (error) {
      throw notUtf8(name, line + linesBefore(chunk), fail, error);
    }
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) line++;
  }
  try {
    decoder.decode();
  } catch (error) {
    throw notUtf8(name, line, fail, error);
  }
}

const notUtf8 = (file: string, line: number, fail: Fail, cause: unknown): Error =>
  fail(
    { file, line, kind: "utf8", expected: "UTF-8 text", found: "other bytes", cure: "Save it as UTF-8." },
    { cause },
  );

/** How many lines of a piece are UTF-8 before the first that is not. */
function linesBefore(chunk: Buffer): number {
  let [lines, start] = [0, 0];
  for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
    // The first line may begin in the piece before.
    if (start > 0 && !isUtf8(chunk.subarray(start, end))) return lines;
    lines++;
    start = end + 1;
  }
  return lines;
}

async function* jsonRows(source: Bytes, options: RecordOptions, fail: Fail): AsyncGenerator<DataRecord[], void> {
  const { name } = source;
  const { maxLineBytes = LONGEST_LINE, onTorn } = options;
  let first: { readonly record: DataRecord; readonly isArray: boolean } | undefined;
  const lines = linesOf(source, { maxLineBytes, fail });
  for await (const batch of lines) {
    const records: DataRecord[] = [];
    for (const [i, line] of batch.entries()) {
      const text = textOfLine(line, name, maxLineBytes, fail);
      if (text.trim() === "") continue;
      const found = parseJson(text);
      const isArray = "value" in found && Array.isArray(found.value);
      const record = { value: "value" in found ? found.value : undefined, line: line.line };
      if (first === undefined) {
        if (!("value" in found) && /^\s*[[{]/.test(text) && line.isTorn !== true) {
          const rest = await restOf(text, batch.slice(i + 1), lines, name, fail);
          yield arrayRows(rest, line.line, name, fail);
          return;
        }
        first = { record, isArray };
        // One list alone is a file's rows; a list on every line is a conversation each.
        if (isArray) continue;
      } else if (first.isArray) {
        records.push(first.record);
        first = { record, isArray: false };
      }
      if ("value" in found) records.push(record);
      else if (line.isTorn === true && onTorn !== undefined) onTorn(line.line);
      else {
        const { at, kind, expected, found: said } = found;
        throw fail({ file: name, line: line.line, column: at + 1, kind, expected, found: said });
      }
    }
    if (records.length > 0) yield records;
  }
  if (first?.isArray === true) {
    const { value, line } = first.record;
    yield formOf(value) === undefined ? (value as unknown[]).map((item) => ({ value: item, line })) : [first.record];
  }
}

function textOfLine({ line, bytes }: Line, file: string, most: number, fail: Fail): string {
  if (bytes === undefined) {
    throw fail({
      file,
      line,
      kind: "line-too-long",
      expected: `a line of at most ${most} bytes`,
      found: "a longer one",
    });
  }
  if (isUtf8(bytes)) return bytes.toString("utf8");
  throw notUtf8(file, line, fail, undefined);
}

/** All that is left of a file whose first line is no whole value. */
async function restOf(
  first: string,
  batch: readonly Line[],
  lines: AsyncIterable<readonly Line[]>,
  file: string,
  fail: Fail,
): Promise<string> {
  const texts = [first];
  let [length, next] = [first.length, 2];
  const add = (line: Line): void => {
    const text = textOfLine(line, file, LONGEST_ARRAY, fail);
    length += text.length + 1;
    if (length > LONGEST_ARRAY) {
      const expected = `a JSON array of at most ${LONGEST_ARRAY / 2 ** 20} MiB, or one row a line (JSONL)`;
      throw fail({ file, kind: "file", expected, found: "a larger one" });
    }
    // Empty lines are left out on the way here.
    for (; next < line.line; next++) texts.push("");
    texts.push(text);
    next = line.line + 1;
  };
  for (const line of batch) add(line);
  for await (const more of lines) for (const line of more) add(line);
  return texts.join("\n");
}

/** The rows of a text that is one array, or one object around the only array in it. */
function arrayRows(text: string, firstLine: number, file: string, fail: Fail): DataRecord[] {
  const found = parseJson(text);
  if (!("value" in found)) {
    const before = text.slice(0, found.at);
    const line = firstLine + before.split("\n").length - 1;
    const column = found.at - before.lastIndexOf("\n");
    const said = found.found === "the end of the line" ? "the end of the file" : found.found;
    const expected = found.expected.replace("the end of the line", "the end of the file");
    throw fail({ file, line, column, kind: found.kind, expected, found: said });
  }
  const { value } = found;
  if (!Array.isArray(value)) {
    const lists = isObject(value) ? Object.entries(value).filter(([, inner]) => Array.isArray(inner)) : [];
    const [only] = lists;
    if (lists.length === 1 && only !== undefined && formOf(value) === undefined && only[0] !== "messages") {
      return (only[1] as unknown[]).map((item) => ({ value: item, line: firstLine }));
    }
    if (lists.length > 1 && formOf(value) === undefined && !("messages" in (value as object))) {
      const what = `an object with ${lists.map(([key]) => quoted(key, 24)).join(", ")}`;
      throw fail({ file, kind: "shape", expected: "rows: one JSON array, or one row a line", found: what });
    }
    return [{ value, line: firstLine }];
  }
  const starts = itemStarts(text);
  let [line, at] = [firstLine, 0];
  return value.map((item: unknown) => {
    const start = starts.next().value ?? at;
    for (let end = text.indexOf("\n", at); end >= 0 && end < start; end = text.indexOf("\n", end + 1)) line++;
    at = start;
    return { value: item, line };
  });
}
