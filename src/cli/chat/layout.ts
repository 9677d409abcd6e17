/** An answer as it stands in the terminal: indented, prose wrapped at words, code left as it is. */
import { wrap } from "../../wording/index.js";

const INDENT = "  ";

export function layAnswer(text: string, width: number): string {
  if (text === "") return `${INDENT}(nothing)`;
  const lines = printable(text).split("\n");
  const laid = lines.length > 1 ? lines : wrap(lines[0] ?? "", width - INDENT.length);
  return laid.map((line) => `${INDENT}${line}`).join("\n");
}

/** A model of anyone's making must not move the cursor. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is taken out
  return text.replaceAll(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/g, "�");
}
