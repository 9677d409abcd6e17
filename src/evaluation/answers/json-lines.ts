/** Lines of JSON objects, read in bounded memory whatever the size of their file. */
import { createReadStream } from "node:fs";
import { AnswerFileError } from "./error.js";

export interface JsonLine {
  readonly values: Readonly<Record<string, unknown>>;
  /** From 1. */
  readonly line: number;
  /** Bytes of the file up to the end of this line. */
  readonly end: number;
}

const LONGEST_LINE = 64 * 1024 * 1024;
const NEWLINE = 10;

/**
 * The lines of a file; empty ones are passed over. A last line that is torn (no whole JSON, as a kill or a power cut
 * leaves it) is left out unless `strict`.
 * @throws {AnswerFileError} a line that is no JSON object, with its number
 */
export async function* jsonLines(path: string, { strict = false } = {}): AsyncGenerator<JsonLine, void> {
  let rest: Buffer = Buffer.alloc(0);
  let [line, end] = [0, 0];
  let held: { readonly text: string; readonly line: number } | undefined;
  const wrong = (text: string, at: number): AnswerFileError =>
    new AnswerFileError(
      `${path}, line ${at}: expected a JSON object, found ${JSON.stringify(text.slice(0, 60))}. Mend or remove the line, or choose another file.`,
    );
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
    const data: Buffer = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    let from = 0;
    for (let at = data.indexOf(NEWLINE); at >= 0; at = data.indexOf(NEWLINE, from)) {
      // It was not the last line after all.
      if (held !== undefined) throw wrong(held.text, held.line);
      const text = data.toString("utf8", from, at);
      line++;
      end += at + 1 - from;
      from = at + 1;
      if (text.trim() === "") continue;
      const values = parse(text);
      if (values === undefined) held = { text, line };
      else yield { values, line, end };
    }
    rest = data.subarray(from);
    if (rest.length > LONGEST_LINE) {
      throw new AnswerFileError(`${path}, line ${line + 1}: longer than ${LONGEST_LINE / 2 ** 20} MiB.`);
    }
  }
  const last = rest.toString("utf8");
  if (last.trim() !== "" && held !== undefined) throw wrong(held.text, held.line);
  if (strict && held !== undefined) throw wrong(held.text, held.line);
  if (last.trim() === "") return;
  const values = parse(last);
  if (values !== undefined) yield { values, line: line + 1, end: end + rest.length };
  else if (strict) throw wrong(last, line + 1);
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
