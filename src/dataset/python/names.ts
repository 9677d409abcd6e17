/** Names in Python code. */
import { pythonParts } from "./tokens.js";

const NAME = /[\p{L}_][\p{L}\p{N}_]*/gu;

/** Every name outside comments and strings, once. */
export function pythonNames(source: string): string[] {
  const names = new Set<string>();
  for (const { kind, text } of pythonParts(source)) {
    if (kind === "code") for (const [name] of text.matchAll(NAME)) names.add(name);
  }
  return [...names];
}
