/** Words that a model with a vocabulary of whole words does not know: which they are, and what to say instead. */
import type { Tokens } from "../model/index.js";
import { nearest } from "../text/index.js";

export interface Unknown {
  readonly word: string;
  /** Known words that look like it, the most alike first. */
  readonly nearest: readonly string[];
}

export interface Reading {
  readonly unknown: readonly Unknown[];
  /** The text with the nearest known word in place of every unknown one; undefined where one has none. */
  readonly suggestion: string | undefined;
}

/** Reads a text with the model's vocabulary. */
export function readWords(tokens: Tokens, text: string): Reading {
  const pieces = tokens.unknownWords(text);
  if (pieces.length === 0) return { unknown: [], suggestion: text };
  const unknown: Unknown[] = [];
  let suggestion: string | undefined = "";
  let end = 0;
  for (const { word, offset } of pieces) {
    const near = nearestWords(tokens, word);
    const shown = word.trim() === "" ? word : word.trim();
    if (!unknown.some((other) => other.word === shown))
      unknown.push({ word: shown, nearest: near.map((other) => other.trim()) });
    const [instead] = near;
    if (suggestion !== undefined)
      suggestion = instead === undefined ? undefined : suggestion + text.slice(end, offset) + instead;
    end = offset + word.length;
  }
  return { unknown, suggestion: suggestion === undefined ? undefined : suggestion + text.slice(end) };
}

/** Known words are known in their place: with the space before them, or without it at the beginning of a line. */
function nearestWords(tokens: Tokens, word: string): string[] {
  const space = word.startsWith(" ") ? " " : "";
  if (!/[A-Za-z_]/.test(word)) return [];
  const known = Array.from({ length: tokens.size }, (_, id) => tokens.tokenOf(id) ?? "").filter((token) =>
    space === "" ? /^[A-Za-z_]+$/.test(token) : /^ [A-Za-z_]+$/.test(token),
  );
  const names = known.map((token) => token.trim());
  return nearest(word.trim(), names).map((name) => space + name);
}

const LONGEST_SHOWN = 60;

/** `the model does not know "flie" (file, flies?) and "zebra"`. */
export function complain(unknown: readonly Unknown[]): string {
  const words = unknown.map(({ word, nearest: near }) => {
    const guess = near.length === 0 ? "" : ` (${near.join(", ")}?)`;
    return `${JSON.stringify(word.length > LONGEST_SHOWN ? `${word.slice(0, LONGEST_SHOWN)}…` : word)}${guess}`;
  });
  const last = words.at(-1) ?? "";
  const list = words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
  return `the model does not know ${list}`;
}
