/** Plain text to train on: a text file in pieces, or the rows of a JSONL file that have `text`. */
import { extname } from "node:path";
import { readRowsOf, withoutGzip } from "../../dataset/index.js";
import { readTextIfPresent } from "../../store/index.js";
import { UsageError } from "../../text/index.js";

const MOST_BYTES = 512 * 2 ** 20;
/** Characters of a piece, after which it ends with its line, and those that it never exceeds. */
const PIECE = 2000;
const LONGEST = 4000;
/** A character of two units must not be cut between them. */
const HALF_A_PAIR = /[\ud800-\udbff]$/;
const ENDINGS: ReadonlySet<string> = new Set([".txt", ".text", ".md"]);

/**
 * Undefined where the file holds conversations.
 * @throws {UsageError} where there is no text in it
 */
export async function textPieces(path: string): Promise<readonly string[] | undefined> {
  if (ENDINGS.has(extname(path).toLowerCase()))
    return some(path, cut((await readTextIfPresent(path, MOST_BYTES)) ?? ""));
  if (!/\.(?:jsonl|ndjson)$/i.test(withoutGzip(path))) return undefined;
  const texts: string[] = [];
  for await (const rows of readRowsOf(path)) {
    for (const { values, line } of rows) {
      const { text, messages } = values;
      if (texts.length === 0 && (typeof text !== "string" || messages !== undefined)) return undefined;
      if (typeof text !== "string") {
        throw new UsageError(`${path}, line ${line}: expected a text under "text", as in the rows before it`);
      }
      for (const piece of cut(text)) texts.push(piece);
    }
  }
  return some(path, texts);
}

function some(path: string, pieces: readonly string[]): readonly string[] {
  if (pieces.length > 0) return pieces;
  throw new UsageError(`${path}: expected text to train on, found none`, "Check the path.");
}

/** Whole lines, as far as they are not longer than a piece. */
function cut(text: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  const end = (): void => {
    if (piece.trim() !== "") pieces.push(piece);
    piece = "";
  };
  for (const line of text.split(/(?<=\n)/)) {
    for (let at = 0; at < line.length;) {
      const part = line.slice(at, at + LONGEST).replace(HALF_A_PAIR, "");
      at += part.length;
      if (piece.length + part.length > LONGEST) end();
      piece += part;
      if (piece.length >= PIECE) end();
    }
  }
  end();
  return pieces;
}
