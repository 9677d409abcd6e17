/**
 * Python source cut where comments and strings begin and end (Python's lexical analysis, 2.4 and 2.1.3), without a
 * parser. A string in an f-string's braces that reuses its quotes (new in Python 3.12) is read as older Pythons do.
 */

export type PythonKind = "code" | "comment" | "string" | "newline";

export interface PythonPart {
  readonly kind: PythonKind;
  readonly text: string;
  /** Index into the source. */
  readonly at: number;
  /** Of a string: whether its end is there. */
  readonly closed?: boolean;
}

const OPENING = /(?:[rRbBuUfFtT]{0,2})("""|'''|"|')/y;
const NAME_BEFORE = /[\p{L}\p{N}_]/u;

/** The parts joined give the source back. */
export function pythonParts(source: string): PythonPart[] {
  const parts: PythonPart[] = [];
  let start = 0;
  let at = 0;
  const flush = (): void => {
    if (at > start) parts.push({ kind: "code", text: source.slice(start, at), at: start });
  };
  const take = (kind: PythonKind, end: number, closed?: boolean): void => {
    flush();
    parts.push({ kind, text: source.slice(at, end), at, ...(closed !== undefined && { closed }) });
    at = start = end;
  };
  while (at < source.length) {
    const char = source[at] as string;
    if (char === "#") take("comment", endOfLine(source, at));
    else if (char === "\n" || char === "\r") take("newline", at + (source.startsWith("\r\n", at) ? 2 : 1));
    else if (char === "\\" && at + 1 < source.length) at += source.startsWith("\r\n", at + 1) ? 3 : 2;
    else {
      const quote = openingAt(source, at);
      if (quote === undefined) at += 1;
      else {
        const { end, closed } = stringEnd(source, quote.inside, quote.quote);
        take("string", end, closed);
      }
    }
  }
  flush();
  return parts;
}

function endOfLine(source: string, at: number): number {
  let end = at;
  while (end < source.length && source[end] !== "\n" && source[end] !== "\r") end += 1;
  return end;
}

/** A quote with its prefix, which must not be the end of a name. */
function openingAt(source: string, at: number): { quote: string; inside: number } | undefined {
  if (!/[rRbBuUfFtT"']/.test(source[at] as string)) return undefined;
  OPENING.lastIndex = at;
  const found = OPENING.exec(source);
  if (found === null || (found[0][0] !== found[1]?.[0] && NAME_BEFORE.test(source[at - 1] ?? ""))) return undefined;
  return { quote: found[1] as string, inside: at + found[0].length };
}

/** After a backslash any character stands for itself here, in raw strings too; a short string ends with its line. */
function stringEnd(source: string, inside: number, quote: string): { end: number; closed: boolean } {
  let at = inside;
  while (at < source.length) {
    if (source.startsWith(quote, at)) return { end: at + quote.length, closed: true };
    const char = source[at];
    if (char === "\\") at += source.startsWith("\r\n", at + 1) ? 3 : 2;
    else if (quote.length === 1 && (char === "\n" || char === "\r")) return { end: at, closed: false };
    else at += 1;
  }
  return { end: source.length, closed: false };
}
