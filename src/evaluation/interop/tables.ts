/** Records as CSV, JSONL or Parquet. The file appears under its name once it is whole. */
import { open } from "node:fs/promises";
import { csvLine } from "./csv-line.js";
import { ScoreError } from "../score/error.js";
import { plain, type AnswerRecord, type Plain } from "./records.js";
import { makeFile } from "../../store/index.js";

export const TABLE_FORMATS = ["csv", "jsonl", "parquet"] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

/** Records, from the start again each time it is called: a table's columns are known only after all of them. */
export type RecordSource = () => AsyncIterable<AnswerRecord>;

interface Column {
  readonly name: string;
  /** What all its values are; text where they differ. */
  readonly type: "DOUBLE" | "BOOLEAN" | "STRING";
}

const NOTHING = "expected at least one row to write, found none.";
const PORTION = 1 << 20;

/** @returns how many rows were written. */
export async function writeTable(records: RecordSource, format: TableFormat, path: string): Promise<number> {
  return makeFile(path, async (temporary) => {
    const rows = await write(records, format, temporary);
    if (rows === 0) throw new ScoreError(NOTHING);
    return rows;
  });
}

async function write(records: RecordSource, format: TableFormat, path: string): Promise<number> {
  if (format === "jsonl")
    return writeText(
      path,
      lines(records(), (record) => `${JSON.stringify(record)}\n`),
    );
  const columns = await columnsOf(records());
  if (columns.length === 0) throw new ScoreError(NOTHING);
  if (format === "parquet") return writeParquet(records, columns, path);
  const names = columns.map(({ name }) => name);
  const rows = lines(records(), (record) => csvLine(names.map((name) => text(plain(record[name])))));
  return (await writeText(path, withHeader(csvLine(names), rows))) - 1;
}

async function* withHeader(header: string, rows: AsyncIterable<string>): AsyncGenerator<string, void> {
  yield header;
  yield* rows;
}

async function* lines(
  records: AsyncIterable<AnswerRecord>,
  line: (record: AnswerRecord) => string,
): AsyncGenerator<string, void> {
  for await (const record of records) yield line(record);
}

/** @returns how many lines. */
async function writeText(path: string, texts: AsyncIterable<string>): Promise<number> {
  const file = await open(path, "wx");
  try {
    let count = 0;
    let portion = "";
    for await (const line of texts) {
      count++;
      portion += line;
      if (portion.length < PORTION) continue;
      await file.writeFile(portion);
      portion = "";
    }
    await file.writeFile(portion);
    await file.sync();
    return count;
  } finally {
    await file.close();
  }
}

async function columnsOf(records: AsyncIterable<AnswerRecord>): Promise<Column[]> {
  const kinds = new Map<string, Set<string>>();
  for await (const record of records) {
    for (const [name, value] of Object.entries(record)) {
      const kind = plain(value);
      const seen = kinds.get(name) ?? new Set();
      if (kind !== null) seen.add(typeof kind);
      kinds.set(name, seen);
    }
  }
  return [...kinds].map(([name, seen]) => ({ name, type: typeOf([...seen]) }));
}

function typeOf([kind, ...others]: readonly string[]): Column["type"] {
  if (others.length > 0) return "STRING";
  return kind === "number" ? "DOUBLE" : kind === "boolean" ? "BOOLEAN" : "STRING";
}

async function writeParquet(records: RecordSource, columns: readonly Column[], path: string): Promise<number> {
  const { fileWriter, parquetWriteRows } = await import("hyparquet-writer");
  let count = 0;
  async function* rows(): AsyncGenerator<Record<string, Plain>, void> {
    for await (const record of records()) {
      count++;
      yield Object.fromEntries(
        columns.map(({ name, type }) => {
          const value = plain(record[name]);
          return [name, type === "STRING" && value !== null ? text(value) : value];
        }),
      );
    }
  }
  await parquetWriteRows({
    writer: fileWriter(path),
    columns: columns.map(({ name, type }) => ({ name, type, nullable: true })),
    rows: rows(),
    rowGroupSize: 10_000,
    createdBy: "askew",
  });
  return count;
}

const text = (value: Plain): string => (value === null ? "" : String(value));
