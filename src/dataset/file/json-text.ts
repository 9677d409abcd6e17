/** JSON as other tools write it: Python's bare NaN and Infinity are read as nothing, equal keys are refused. */
import { findJsonFault, type JsonFault } from "./json-scan.js";

/** Strings are matched first, so that a word inside one stays. */
const BARE = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;

const withoutBare = (text: string): string =>
  !text.includes("NaN") && !text.includes("Infinity")
    ? text
    : text.replaceAll(BARE, (found) => (found.startsWith('"') ? found : "null".padEnd(found.length)));

/** The value, or where the text goes wrong. Places in both texts are the same. */
export function parseJson(text: string): { readonly value: unknown } | JsonFault {
  const strict = parsed(text) ?? parsed(withoutBare(text));
  // Most rows are written without spaces; one that reads back as it is has no key twice.
  if (strict !== undefined && text.length < MOST_COMPARED && JSON.stringify(strict.value) === text) return strict;
  const fault = findJsonFault(strict === undefined ? text : withoutBare(text));
  if (fault !== undefined) return fault;
  return strict ?? { value: JSON.parse(text) as unknown };
}

const MOST_COMPARED = 2 ** 20;

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** Where each item of a text that is one JSON array begins; the text is known to be JSON. */
export function* itemStarts(text: string): Generator<number, void> {
  let depth = 0;
  let isDue = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    if (char === '"') {
      if (depth === 1 && isDue) yield at;
      isDue = false;
      for (at++; text[at] !== '"'; at++) if (text[at] === "\\") at++;
    } else if (char === "[" || char === "{") {
      if (depth === 1 && isDue) yield at;
      depth++;
      isDue = depth === 1;
    } else if (char === "]" || char === "}") depth--;
    else if (char === "," && depth === 1) isDue = true;
    else if (depth === 1 && isDue && !/\s/.test(char)) {
      yield at;
      isDue = false;
    }
  }
}
