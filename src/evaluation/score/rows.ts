/** Rows of judged answers, streamed from CSV, from JSONL, or from all the cells of a study's folder. */
import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { CsvReader } from "../csv.js";
import { ScoreError } from "./error.js";

export interface Row {
  readonly values: Readonly<Record<string, unknown>>;
  /** From 1. */
  readonly line: number;
}

/** A file of rows, and what is known of all of them. */
export interface RowFile {
  readonly path: string;
  /** Columns that the rows do not carry themselves: a cell's condition and seed. */
  readonly known: Readonly<Record<string, unknown>>;
  readonly isCell: boolean;
  /** Of a cell that is finished: rows that end in the middle are no longer all there. */
  readonly isFinished?: boolean;
}

/** A line of JSON may be this long. */
const LONGEST_LINE = 64 * 1024 * 1024;
const DEEPEST = 6;

/** The files of rows at a path: the file itself, or every `judgments.jsonl` under a folder, in order of their paths. */
export async function rowFiles(path: string): Promise<RowFile[]> {
  const found = await statOf(path);
  if (!found.isDirectory()) {
    if (![".csv", ".jsonl"].includes(extname(path).toLowerCase())) {
      throw new ScoreError(`${path}: expected a file that ends in .csv or .jsonl, or a study's folder.`);
    }
    return [{ path, known: {}, isCell: false }];
  }
  const files = await judgmentsUnder(path, DEEPEST);
  if (files.length === 0)
    throw new ScoreError(`${path}: expected a study with judged answers, found no judgments.jsonl in it.`);
  return Promise.all(files.map(async (file) => ({ path: file, isCell: true, ...(await cellOf(dirname(file))) })));
}

async function statOf(path: string): ReturnType<typeof stat> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new ScoreError(`${path}: expected a file or a folder, found nothing there.`);
  }
}

async function judgmentsUnder(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const inside = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const found = inside.some((entry) => entry.isFile() && entry.name === "judgments.jsonl")
    ? [join(folder, "judgments.jsonl")]
    : [];
  for (const entry of depth > 0 ? inside : []) {
    if (entry.isDirectory()) found.push(...(await judgmentsUnder(join(folder, entry.name), depth - 1)));
  }
  return found;
}

/** What `cell.json` says of all answers of its cell. */
async function cellOf(folder: string): Promise<Pick<RowFile, "known" | "isFinished">> {
  let text: string;
  try {
    text = await readFile(join(folder, "cell.json"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { known: {} };
    throw error;
  }
  let cell: unknown;
  try {
    cell = JSON.parse(text);
  } catch {
    throw new ScoreError(`${join(folder, "cell.json")}: expected JSON.`);
  }
  const { condition, seed, model, status } = (cell ?? {}) as Record<string, unknown>;
  if (typeof condition !== "string" || typeof seed !== "number") {
    throw new ScoreError(`${join(folder, "cell.json")}: expected a cell's record with condition and seed.`);
  }
  const known = { condition, seed, ...(model !== undefined && { model }) };
  return { known, isFinished: status === "finished" };
}

/** The rows of one file, a portion at a time; `file` and what is known of the file are columns too. */
export async function* readRows(file: RowFile, label: string): AsyncGenerator<Row[], void> {
  const constant = { ...file.known, file: label };
  const reader = extname(file.path).toLowerCase() === ".csv" ? csvRows(file.path) : jsonRows(file);
  for await (const rows of reader) {
    yield rows.map(({ values, line }) => ({ values: { ...constant, ...values }, line }));
  }
}

/** What a file is called in a table. */
export const labelOf = (path: string): string => basename(path).replace(/\.(csv|jsonl)$/i, "");

async function* csvRows(path: string): AsyncGenerator<Row[], void> {
  const reader = new CsvReader(path);
  let names: readonly string[] | undefined;
  const rowsOf = (records: ReturnType<CsvReader["push"]>): Row[] =>
    records.flatMap(({ fields, line }) => {
      if (names === undefined) {
        names = fields.map((name) => name.trim());
        return [];
      }
      if (fields.length !== names.length) {
        throw new ScoreError(
          `${path}, line ${line}: expected ${names.length} fields, as in the header, found ${fields.length}.`,
        );
      }
      return [{ values: Object.fromEntries(names.map((name, i) => [name, fields[i]])), line }];
    });
  for await (const piece of textOf(path)) yield rowsOf(reader.push(piece));
  yield rowsOf(reader.end());
  if (names === undefined) throw new ScoreError(`${path}: expected a header line, found an empty file.`);
}

async function* jsonRows({ path, isFinished = false }: RowFile): AsyncGenerator<Row[], void> {
  let rest = "";
  let line = 0;
  for await (const piece of textOf(path)) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST_LINE)
      throw new ScoreError(`${path}, line ${line + lines.length + 1}: the line is too long.`);
    yield lines.flatMap((text) => jsonRow(text, path, ++line) ?? []);
  }
  // A line without its end is what a kill left of the last append; it is judged again when the run is carried on.
  const last = jsonRow(rest, path, ++line, true);
  if (last === undefined && rest !== "" && isFinished) {
    throw new ScoreError(
      `${path}, line ${line}: half a line in a cell that was finished: a crash has taken the rest. Run its study again, which makes what is missing.`,
    );
  }
  if (last !== undefined) yield [last];
}

function jsonRow(text: string, path: string, line: number, torn = false): Row | undefined {
  if (text.trim() === "") return undefined;
  try {
    const values: unknown = JSON.parse(text);
    if (typeof values === "object" && values !== null && !Array.isArray(values)) {
      return { values: values as Record<string, unknown>, line };
    }
  } catch {
    if (torn) return undefined;
  }
  throw new ScoreError(`${path}, line ${line}: expected a JSON object, found ${JSON.stringify(text.slice(0, 60))}.`);
}

async function* textOf(path: string): AsyncGenerator<string, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: 1 << 18 })) {
      yield decoder.decode(bytes as Buffer, { stream: true });
    }
    yield decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw new ScoreError(`${path}: expected UTF-8 text.`);
    throw error;
  }
}
