/** Lines of JSON objects, read in bounded memory whatever the size of their file. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { ZodType } from "zod";
import { checked } from "./checked.js";
import { FileError } from "./file-error.js";
import { storing } from "./system-error.js";

export interface JsonLine<T> {
  readonly values: T;
  /** From 1. */
  readonly line: number;
  /** Bytes of the file up to the end of this line. */
  readonly end: number;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export interface JsonLinesOptions {
  /** What every line must be; without one, any JSON object. */
  readonly schema?: ZodType;
  /** What to do about a line that is wrong. */
  readonly cure?: string;
  /** Refuse a torn last line as well, as nobody may have been killed while writing this file. */
  readonly strict?: boolean;
}

const LONGEST_LINE = 64 * 1024 * 1024;
const NEWLINE = 10;
const CURE = "Mend or remove the line, or choose another file.";

/**
 * The lines of a file; empty ones are passed over. A torn last line, as a kill or a power cut leaves it, is left out
 * unless `strict`.
 * @throws {FileError} a line that is no such object, with its number
 */
export async function* jsonLines<T = JsonObject>(
  path: string,
  { schema, cure = CURE, strict = false }: JsonLinesOptions = {},
): AsyncGenerator<JsonLine<T>, void> {
  const info = await storing(path, () => stat(path));
  if (!info.isFile() && !(strict && info.isFIFO())) {
    const found = info.isDirectory() ? "a folder" : "a device or a pipe";
    throw new FileError({ file: path, expected: "a file of JSON lines", found, cure: "Choose another file." });
  }
  let rest: Buffer = Buffer.alloc(0);
  let [line, end] = [0, 0];
  let held: { readonly text: string; readonly line: number } | undefined;
  const wrong = (text: string, at: number): FileError => {
    const found = JSON.stringify(text.slice(0, 60));
    return new FileError({ file: path, line: at, expected: "a JSON object", found, cure });
  };
  const valid = (values: JsonObject, at: number): T => {
    if (schema !== undefined) checked(values, schema, { file: path, line: at, cure });
    return values as T; // as they are in the file, key for key
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
    const data: Buffer = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    let from = 0;
    for (let at = data.indexOf(NEWLINE); at >= 0; at = data.indexOf(NEWLINE, from)) {
      const text = data.toString("utf8", from, at);
      line++;
      end += at + 1 - from;
      from = at + 1;
      if (text.trim() === "") continue;
      // It was not the last line after all.
      if (held !== undefined) throw wrong(held.text, held.line);
      const values = parse(text);
      if (values !== undefined) yield { values: valid(values, line), line, end };
      else if (text.includes("\0")) held = { text, line };
      else throw wrong(text, line);
    }
    rest = data.subarray(from);
    if (rest.length > LONGEST_LINE) {
      const expected = `lines of at most ${LONGEST_LINE / 2 ** 20} MiB`;
      throw new FileError({ file: path, line: line + 1, expected, found: "a longer one", cure });
    }
  }
  const last = rest.toString("utf8");
  if (held !== undefined && (strict || last.trim() !== "")) throw wrong(held.text, held.line);
  if (last.trim() === "") return;
  const values = parse(last);
  if (values !== undefined) yield { values: valid(values, line + 1), line: line + 1, end: end + rest.length };
  else if (strict || !isTorn(last)) throw wrong(last, line + 1);
}

/** The beginning of a row as `JSON.stringify` writes it, or the zeros that a power cut leaves; nobody else's text. */
const isTorn = (text: string): boolean => text === "{" || text.startsWith('{"') || text.includes("\0");

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
