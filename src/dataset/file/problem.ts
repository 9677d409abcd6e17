/** What can be wrong with a dataset's file, said so that it can be put right: where, what was expected, what was found. */
import { AskewError } from "../../text/index.js";

export type ProblemKind =
  /** The file itself: missing, torn, not UTF-8 text, unzips to too much, holds no conversation. */
  | "file"
  | "line-too-long"
  | "utf8"
  | "json"
  | "csv"
  | "duplicate-key"
  | "too-deep"
  /** Not the shape of a conversation. */
  | "shape"
  | "key"
  | "role"
  | "order"
  | "content"
  /** Well-formed, but nothing that askew trains on itself: tools, images, turns or parts of another weight. */
  | "unsupported";

export interface Problem {
  readonly file: string;
  /** From 1; absent where the file as a whole is meant. */
  readonly line?: number;
  /** From 1, in UTF-16 units as editors count them; absent where no place on the line is meant. */
  readonly column?: number;
  readonly kind: ProblemKind;
  readonly expected: string;
  readonly found: string;
  /** What to do about it. */
  readonly cure?: string;
  /** The cure is `askew dataset convert`, for this line and others like it. */
  readonly convert?: true;
}

/** A file that cannot be read as it is; the message says file, line, column, what was expected and what was found. */
export class InputError extends AskewError {
  override readonly name: string = "InputError";
  constructor(
    readonly problem: Problem,
    options?: ErrorOptions,
  ) {
    super(describeProblem(problem), options);
  }
}

/** A dataset that cannot be used as it is. */
export class DatasetError extends InputError {
  override readonly name = "DatasetError";
}

/** `rows.jsonl, line 3, column 17: expected a role, found "robot". …` */
export function describeProblem(problem: Problem): string {
  const { file, line, column, expected, found, cure } = problem;
  const place = [
    visible(file),
    ...(line === undefined ? [] : [`line ${line}`]),
    ...(column === undefined ? [] : [`column ${column}`]),
  ].join(", ");
  return `${place}: expected ${expected}, found ${found}.${cure === undefined ? "" : ` ${cure}`}`;
}

const MOST_SHOWN = 48;

/** A value in a few words, safe to print: the file it comes from may hold anything. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return value === "" ? "an empty text" : quoted(value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const keys = Object.keys(value);
  if (keys.length === 0) return "an empty object";
  const shown = keys.slice(0, 6).map((key) => quoted(key, 24));
  return `an object with ${shown.join(", ")}${keys.length > shown.length ? ` and ${keys.length - shown.length} more` : ""}`;
}

export function quoted(text: string, most: number = MOST_SHOWN): string {
  const clipped = text.length > most ? `${text.slice(0, most).replace(/[\uD800-\uDBFF]$/, "")}…` : text;
  return visible(JSON.stringify(clipped));
}

/** What would move a terminal's cursor or turn its reading order round is written as an escape. */
function visible(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Surrogate}\u2028-\u202e\u2066-\u2069\ufeff]/gu,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
