/** Conversations of any file that askew can read, line after line, with what is wrong with the lines that hold none. */
import { stat } from "node:fs/promises";
import { extname } from "node:path";
import type { Conversation } from "../conversation.js";
import { sourceName, type Source } from "../file/input.js";
import { DatasetError, type Problem } from "../file/problem.js";
import { problemOfRow } from "../file/cure.js";
import { placed, readJsonRows } from "../file/read.js";
import { readRecords, withoutGzip } from "../file/records.js";
import type { RowFault } from "../file/refusal.js";
import { conversationOf, isFault } from "../file/row.js";
import { ABSENT, convertRow, isConverted } from "./convert-row.js";

export interface AnyRow {
  readonly line: number;
  readonly conversation?: Conversation;
  readonly problem?: Problem;
  /** The form that the row was converted from; absent for messages. */
  readonly form?: string;
  /** What was read otherwise than it stands in the row, in words that are the same for every row. */
  readonly changes?: readonly string[];
}

const TABLES: ReadonlySet<string> = new Set([".csv", ".tsv", ".tab"]);

/**
 * Every row of a file in messages or in another tool's form: JSON lines, one JSON array, CSV or TSV, plain or gzipped.
 * JSON lines are read in bounded memory, and a bad line ends nothing. Thoughts are kept in the answer, and of
 * preferences the chosen answer is taken.
 * @throws {DatasetError} where the file itself cannot be read on
 */
export async function* readAnyRows(source: Source): AsyncGenerator<AnyRow> {
  if (TABLES.has(extname(withoutGzip(sourceName(source))).toLowerCase())) {
    yield* recordRows(source);
    return;
  }
  if (typeof source === "string" && (await isOneValue(source))) yield* recordRows(source);
  else {
    for await (const row of readJsonRows(source)) {
      if (row.problem === undefined) yield anyRow(sourceName(source), row.line, row.value, row.text);
      else yield row;
    }
  }
}

/** Whether a file's first line is a list of rows, or begins a JSON value that goes on in the next. */
async function isOneValue(path: string): Promise<boolean> {
  if (!(await stat(path).catch(() => undefined))?.isFile()) return false;
  try {
    let isFirst = true;
    for await (const { problem } of readJsonRows(path)) {
      if (!isFirst) return problem !== undefined;
      if (problem?.found !== "the end of the line") return false;
      isFirst = false;
    }
  } catch (error) {
    if (error instanceof DatasetError && error.problem.found === "one JSON array") return true;
    throw error;
  }
  return false;
}

async function* recordRows(source: Source): AsyncGenerator<AnyRow> {
  const fail = (problem: Problem, options?: ErrorOptions): DatasetError => new DatasetError(problem, options);
  for await (const records of readRecords(source, { fail })) {
    for (const { value, line } of records) yield anyRow(sourceName(source), line, value);
  }
}

function anyRow(file: string, line: number, value: unknown, text?: string): AnyRow {
  const notes = new Set<string>();
  const plain = conversationOf(value, "api", (note, changes) => changes === true && notes.add(note));
  if (!isFault(plain)) return { line, conversation: plain, ...(notes.size > 0 && { changes: [...notes] }) };
  const converted = convertRow(value, { thinking: "keep" });
  if (!isConverted(converted)) return { line, problem: problemOf(file, line, converted, text) };
  const { messages, extra, changes } = converted;
  const found = conversationOf({ messages }, "api");
  if (isFault(found)) return { line, problem: problemOf(file, line, found, text) };
  const form = changes.find((change) => change.endsWith("became messages"));
  const others = changes.filter((change) => change !== form && change !== ABSENT);
  return {
    line,
    conversation: { ...found, ...(Object.keys(extra).length > 0 && { extra }) },
    ...(form !== undefined && { form: form.replace(/ became messages$/, "") }),
    ...(others.length > 0 && { changes: others }),
  };
}

function problemOf(file: string, line: number, fault: RowFault, text?: string): Problem {
  if (text !== undefined) return placed(file, line, text, fault);
  return problemOfRow(file, line, fault);
}
