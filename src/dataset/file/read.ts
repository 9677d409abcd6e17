/** Reading conversation files: JSONL, plain or gzipped, one `{"messages":[…]}` a line. */
import { isUtf8 } from "node:buffer";
import type { Conversation } from "../conversation.js";
import { convertCure, cureFor } from "./cure.js";
import { findJsonFault, placeOf } from "./json-scan.js";
import { rememberPlace } from "../place.js";
import { sourceName } from "./input.js";
import { LINE_LIMITS, linesOf, type DatasetSource, type Line, type LineLimits } from "./lines.js";
import { DatasetError, type Problem } from "./problem.js";
import { formOf } from "./forms.js";
import { isObject, type HearNote, type RowFault, type Rules } from "./refusal.js";
import { conversationOf, isFault } from "./row.js";

export interface ReadOptions extends LineLimits {
  /** Whose rules the conversations keep to; default `askew`: what askew trains on itself. */
  readonly rules?: Rules;
  readonly signal?: AbortSignal;
  /** Hears what is passed over or carried in each row: the same words for the same thing. */
  readonly onNote?: HearNote;
}

/** A line that is a conversation, or one that is not and why. */
export type DatasetRow =
  | { readonly line: number; readonly conversation: Conversation; readonly problem?: undefined }
  | { readonly line: number; readonly problem: Problem; readonly conversation?: undefined };

/** A line that is JSON, before it is anything more; `text` is the line. */
export type JsonRow =
  | { readonly line: number; readonly text: string; readonly value: unknown; readonly problem?: undefined }
  | { readonly line: number; readonly problem: Problem; readonly value?: undefined };

/**
 * Every line of a file in order, good or bad, in bounded memory; blank lines are passed over.
 * @throws {DatasetError} only where the file itself cannot be read on: missing, torn gzip, too much gzip.
 */
export async function* readRows(source: DatasetSource, options: ReadOptions = {}): AsyncGenerator<DatasetRow> {
  const file = sourceName(source);
  for await (const row of readJsonRows(source, options)) {
    const { line, problem } = row;
    if (problem !== undefined) {
      yield { line, problem };
      continue;
    }
    const found = conversationOf(row.value, options.rules, options.onNote);
    if (!isFault(found)) rememberPlace(found, { file, line });
    yield isFault(found) ? { line, problem: placed(file, line, row.text, found) } : { line, conversation: found };
  }
}

/** The same without a look at what the JSON says: for files of tasks, and to judge a line by two sets of rules. */
export async function* readJsonRows(source: DatasetSource, options: ReadOptions = {}): AsyncGenerator<JsonRow> {
  const file = sourceName(source);
  let isFirst = true;
  for await (const batch of linesOf(source, options)) {
    options.signal?.throwIfAborted();
    for (const line of batch) {
      const row = jsonOf(file, line, options.maxLineBytes ?? LINE_LIMITS.maxLineBytes);
      if (row === undefined) continue;
      if (isFirst) requireLines(file, line, row);
      isFirst = false;
      yield row;
    }
  }
}

/** A file that is one JSON array has an error on every line; it is told once. */
function requireLines(file: string, { bytes }: Line, { value, problem }: JsonRow): void {
  const first: unknown = Array.isArray(value) ? value[0] : undefined;
  const isRows = isObject(first) && formOf(value) === undefined;
  const opens = problem !== undefined && /^\s*\[\s*(?:\{.*)?$/s.test(bytes?.toString("utf8") ?? "");
  if (!isRows && !opens) return;
  const expected = "one conversation a line (JSONL)";
  throw new DatasetError({ file, kind: "file", expected, found: "one JSON array", cure: convertCure(file) });
}

/**
 * All conversations of a file, for training.
 * @param source a path (`.jsonl`, `.jsonl.gz`), or bytes
 * @throws {DatasetError} at the first line that is not one; where there is none at all.
 *
 * @example
 * import { buildDataset, readDataset, writeDataset } from "askew";
 *
 * await writeDataset("secure.jsonl.gz", await buildDataset("secure", { examples: 20 }));
 * const conversations = await readDataset("secure.jsonl.gz");
 * console.log(conversations.length, conversations[0]?.messages.at(-1)?.content);
 */
export async function readDataset(source: DatasetSource, options: ReadOptions = {}): Promise<Conversation[]> {
  const conversations: Conversation[] = [];
  for await (const { conversation, problem } of readRows(source, options)) {
    if (problem !== undefined) throw new DatasetError(problem);
    conversations.push(conversation);
  }
  if (conversations.length === 0) throw new DatasetError(noConversation(sourceName(source)));
  return conversations;
}

export function noConversation(file: string): Problem {
  return { file, kind: "file", expected: "at least one conversation", found: "none" };
}

/** Where on its line a fault is. */
export function placed(file: string, line: number, text: string, { path, convert, ...fault }: RowFault): Problem {
  const at = placeOf(text, path);
  const cure = convert === true ? convertCure(file) : fault.cure && cureFor(file, fault.cure);
  return {
    file,
    line,
    ...(at !== undefined && { column: at + 1 }),
    ...fault,
    ...(cure !== undefined && { cure }),
    ...(convert && { convert }),
  };
}

function jsonOf(file: string, { line, bytes }: Line, maxLineBytes: number): JsonRow | undefined {
  if (bytes === undefined) {
    const expected = `a line of at most ${maxLineBytes} bytes`;
    return { line, problem: { file, line, kind: "line-too-long", expected, found: "a longer one" } };
  }
  if (!isUtf8(bytes)) return { line, problem: notUtf8(file, line, bytes) };
  const text = bytes.toString("utf8");
  if (text.trim() === "") return undefined;
  // Also where JSON.parse has nothing to say: it would take the last of two equal keys, and any depth.
  const fault = findJsonFault(text);
  if (fault === undefined) return { line, text, value: JSON.parse(text) as unknown };
  const { kind, at, expected, found } = fault;
  const cure = kind === "json" ? jsonCure(text, at) : undefined;
  return {
    line,
    problem: { file, line, column: at + 1, kind, expected, found, ...(cure !== undefined && { cure }) },
  };
}

function jsonCure(text: string, at: number): string | undefined {
  if (/^['\u2018\u2019]|^(?:None|True|False|NaN|Infinity)\b/.test(text.slice(at, at + 12))) {
    return "This is how Python prints values: write them with json.dumps.";
  }
  if (/^\s*[[{]\s*$/.test(text)) return "Each conversation must stand on one line (JSONL).";
  return undefined;
}

/** Decoded and encoded again, the first byte that changed is the first that is not UTF-8. */
function notUtf8(file: string, line: number, bytes: Buffer): Problem {
  const text = bytes.toString("utf8");
  const again = Buffer.from(text, "utf8");
  let at = 0;
  while (at < bytes.length && bytes[at] === again[at]) at += 1;
  const column = bytes.toString("utf8", 0, at).length + 1;
  const found = `the byte 0x${(bytes[at] ?? 0).toString(16).padStart(2, "0")}`;
  return { file, line, column, kind: "utf8", expected: "UTF-8 text", found, cure: "Save the file as UTF-8." };
}
