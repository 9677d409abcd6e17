/** An answer as it stands in the terminal: indented, prose wrapped at words, code left as it is. */
import { wrap } from "../layout/index.js";
import { printable } from "../text/index.js";

const INDENT = "  ";

export function layAnswer(text: string, width: number): string {
  if (text === "") return `${INDENT}(nothing)`;
  const lines = printable(text).split("\n");
  const laid = lines.length > 1 ? lines : wrap(lines[0] ?? "", width - INDENT.length);
  return laid.map((line) => `${INDENT}${line}`).join("\n");
}
