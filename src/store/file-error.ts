/** What is wrong with a file or folder, and what to do about it. */
import { AskewError } from "../text/index.js";

/** Files, rows, locks and folders that cannot be used as they are. */
export class StoreError extends AskewError {
  override readonly name: string = "StoreError";
}

export interface FileProblem {
  /** Path of the file, or its plain name when it never was on disk. */
  readonly file: string;
  /** From 1. */
  readonly line?: number | undefined;
  /** What inside the file: a tensor, a key, a token. */
  readonly subject?: string;
  readonly expected: string;
  readonly found: string;
  readonly cure: string;
}

/** A file cannot be used as it is: where, what was expected, what was found, and the cure. */
export class FileError extends StoreError implements FileProblem {
  override readonly name = "FileError";
  readonly file: string;
  readonly line: number | undefined;
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
  readonly cure: string;

  constructor(problem: FileProblem, options?: ErrorOptions) {
    const { file, line, subject = "", expected, found, cure } = problem;
    const where = `${file}${line === undefined ? "" : `, line ${line}`}: ${subject === "" ? "" : `${subject}: `}`;
    super(`${where}expected ${expected}, found ${found}. ${cure}`, options);
    this.file = file;
    this.line = line;
    this.subject = subject;
    this.expected = expected;
    this.found = found;
    this.cure = cure;
  }
}

/** A value as an error message shows it: JSON, cut after 80 characters. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  let text: string;
  try {
    text = typeof value === "object" && value !== null ? briefly(value) : (JSON.stringify(value) ?? typeof value);
  } catch {
    text = typeof value;
  }
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** Objects of files may be huge or endlessly nested, so only their outside is shown. */
function briefly(value: object): string {
  if (!Array.isArray(value)) return `an object with ${Object.keys(value).length} keys`;
  const plain = value.length <= 16 && value.every((item) => typeof item !== "object" || item === null);
  return plain ? JSON.stringify(value) : `a list of ${value.length}`;
}
