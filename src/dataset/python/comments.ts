/** Comments and docstrings taken out of Python code; nothing that runs is changed. */
import { logicalLines, type LogicalLine } from "./lines.js";
import { pythonParts } from "./tokens.js";

export interface StripOptions {
  /** Comments that stay, such as the mark of a gap to be filled; the text begins with "#". */
  readonly keep?: (comment: string) => boolean;
  /** Docstrings go too, but not other strings that stand alone; default false. */
  readonly docstrings?: boolean;
}

/** A line that was a comment alone goes as a whole; before other comments the white space goes too. */
export function stripComments(source: string, { keep = () => false, docstrings = false }: StripOptions = {}): string {
  const without = stripLines(source, keep);
  return docstrings ? stripDocstrings(without) : without;
}

function stripLines(source: string, keep: (comment: string) => boolean): string {
  const kept: string[] = [];
  let dropEnding = false;
  for (const { kind, text } of pythonParts(source)) {
    if (kind === "newline" && dropEnding) {
      dropEnding = false;
      continue;
    }
    dropEnding = false;
    if (kind !== "comment" || keep(text)) {
      kept.push(text);
      continue;
    }
    const before = kept.pop() ?? "";
    // White space after a backslash belongs to nothing, and a comment cannot follow one: the code is broken anyway.
    const trimmed = /[ \t\f]+$/.test(before) ? before.replace(/[ \t\f]+$/, "") : before;
    if (trimmed !== "") kept.push(trimmed);
    const last = kept.at(-1);
    dropEnding = last === undefined || last === "\n" || last === "\r" || last === "\r\n";
  }
  const text = kept.join("");
  // A comment at the very end leaves the line's end before it.
  return dropEnding ? text.replace(/\r?\n$|\r$/, "") : text;
}

/** The first statement of a module, class or function, if it is a string alone; `pass` where nothing else is left. */
function stripDocstrings(source: string): string {
  const lines = logicalLines(source);
  let text = "";
  let from = 0;
  for (const [i, line] of lines.entries()) {
    const opener = lines[i - 1];
    if (!isStringAlone(line) || !(opener === undefined || opensBody(opener))) continue;
    const next = lines[i + 1];
    const alone = opener !== undefined && (next === undefined || next.indent.length < line.indent.length);
    const ending = /\r?\n$|\r$/.exec(source.slice(line.start, line.end))?.[0] ?? "";
    text += source.slice(from, line.start) + (alone ? `${line.indent}pass${ending}` : "");
    from = line.end;
  }
  return text + source.slice(from);
}

const isStringAlone = ({ parts }: LogicalLine): boolean =>
  parts.every(({ kind, text }) => kind === "string" && /^[rRuU]?["']/.test(text));

const opensBody = ({ parts, opens }: LogicalLine): boolean =>
  opens && /^\s*(?:async\s+def|def|class)\b/.test(parts[0]?.text ?? "");
