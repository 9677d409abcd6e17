/** Texts as Python treats them: chat templates are written for it, and JavaScript's functions of the same names differ. */

/** `str.isspace`: not JavaScript's white space, which has U+FEFF and lacks U+001C to U+001F and U+0085. */
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const WORDS = new RegExp(`[^${SPACE}]+`, "gu");
/** The characters of a text: code points, as Python counts them. */
export const characters = (text: string): string[] => Array.from(text);

const isSpace = new RegExp(`^[${SPACE}]$`, "u");

export interface Ends {
  readonly left: boolean;
  readonly right: boolean;
}

/** `str.strip`, `lstrip`, `rstrip`: takes any of `chars` away at the ends; by default white space. */
export function strip(text: string, { left, right }: Ends, chars?: string | null): string {
  const set = chars === undefined || chars === null ? undefined : new Set(chars);
  const goes = (character: string): boolean => (set ? set.has(character) : isSpace.test(character));
  let start = 0;
  let end = text.length;
  if (left) {
    for (const character of text) {
      if (!goes(character)) break;
      start += character.length;
    }
  }
  if (right) {
    while (end > start) {
      const low = /[\uDC00-\uDFFF]/.test(text.charAt(end - 1)) && /[\uD800-\uDBFF]/.test(text.charAt(end - 2));
      const next = end - (low ? 2 : 1);
      if (!goes(text.slice(next, end))) break;
      end = next;
    }
  }
  return text.slice(start, end);
}

/** `str.strip` of white space. */
export const stripped = (text: string): string => strip(text, { left: true, right: true });

/** `str.split`: at every `separator`, or, without one, between runs of white space; at most `most` times. */
export function split(text: string, separator: string | null, most = -1): string[] {
  if (separator === "") throw new Error("empty separator");
  const limit = most < 0 ? Infinity : most;
  const parts: string[] = [];
  if (separator !== null) {
    const all = text.split(separator);
    return all.length - 1 <= limit ? all : [...all.slice(0, limit), all.slice(limit).join(separator)];
  }
  for (const { 0: word, index } of text.matchAll(WORDS)) {
    if (parts.length === limit) return [...parts, text.slice(index)];
    parts.push(word);
  }
  return parts;
}

/** `str.rsplit`: as {@link split}, counted from the right. */
export function splitRight(text: string, separator: string | null, most = -1): string[] {
  const back = (given: string): string => characters(given).toReversed().join("");
  return split(back(text), separator === null ? null : back(separator), most)
    .map(back)
    .toReversed();
}

const ENDS = "\\n-\\r\\x1c-\\x1e\\x85\\u2028\\u2029";
const LINE_END = new RegExp(`\\r\\n|[${ENDS}]`, "u");

/** `str.splitlines`. */
export function splitLines(text: string): string[] {
  const lines = text.split(LINE_END);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** `str.capitalize`. */
export function capitalized(text: string): string {
  const [first = ""] = text;
  return first.toUpperCase() + text.slice(first.length).toLowerCase();
}

/** `str.title`. */
export const titled = (text: string): string => text.replaceAll(/\p{L}+/gu, capitalized);

/** Occurrences that do not overlap; of nothing there is one around every character. */
export function count(text: string, part: string): number {
  return part === "" ? characters(text).length + 1 : text.split(part).length - 1;
}

/** `str.find`: in characters, −1 where it is not. */
export function find(text: string, part: string): number {
  const at = text.indexOf(part);
  return at < 0 ? -1 : characters(text.slice(0, at)).length;
}

/** `repr` of a text. */
export function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const named: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };
  const escaped = text.replaceAll(/[\\\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}|['"]/gu, (character) => {
    if (character === "'" || character === '"') return character === quote ? `\\${character}` : character;
    const code = character.codePointAt(0) as number;
    const hex = (letter: string, digits: number): string => `\\${letter}${code.toString(16).padStart(digits, "0")}`;
    return named[character] ?? (code < 0x100 ? hex("x", 2) : code < 0x10000 ? hex("u", 4) : hex("U", 8));
  });
  return `${quote}${escaped}${quote}`;
}

/** `repr` of a float. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
