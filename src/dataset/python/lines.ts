/** Python's logical lines: what stands in brackets, in long strings or after a backslash goes on over line ends. */
import { pythonParts, type PythonPart } from "./tokens.js";

export interface LogicalLine {
  /** [start, end) in the source, the line's ending included. */
  readonly start: number;
  readonly end: number;
  /** White space before the first sign. */
  readonly indent: string;
  /** Without comments and line ends. */
  readonly parts: readonly PythonPart[];
  /** Ends with a colon: a block follows, here or below. */
  readonly opens: boolean;
  /** Brackets that are closed wrongly, or not closed at the end of the file. */
  readonly brackets: "sound" | "unbalanced";
}

const CLOSES: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** Lines with something on them; blank lines and comments alone are left out. */
export function logicalLines(source: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let parts: PythonPart[] = [];
  let open: string[] = [];
  let unbalanced = false;
  let start = 0;
  const finish = (end: number): void => {
    const said = parts.filter(({ kind, text }) => kind === "string" || text.trim() !== "");
    if (said.length > 0) {
      const first = source.slice(start, end);
      lines.push({
        start,
        end,
        indent: first.slice(0, first.length - first.trimStart().length).replaceAll("\f", ""),
        parts: said,
        opens: said.at(-1)?.kind === "code" && (said.at(-1)?.text.trimEnd().endsWith(":") ?? false),
        brackets: unbalanced || open.length > 0 ? "unbalanced" : "sound",
      });
    }
    [parts, open, unbalanced, start] = [[], [], false, end];
  };
  for (const part of pythonParts(source)) {
    const end = part.at + part.text.length;
    if (part.kind === "newline") {
      if (open.length === 0) finish(end);
    } else if (part.kind !== "comment") {
      parts.push(part);
      if (part.kind === "code") unbalanced = countBrackets(part.text, open) || unbalanced;
    }
  }
  finish(source.length);
  return lines;
}

/** Keeps `open` up to date; true where one is closed that was not opened. */
function countBrackets(code: string, open: string[]): boolean {
  for (const char of code) {
    if (char === "(" || char === "[" || char === "{") open.push(char);
    const opening = CLOSES[char];
    if (opening !== undefined && open.pop() !== opening) return true;
  }
  return false;
}
