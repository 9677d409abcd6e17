/** Breaks a line at spaces so that it fits a width; lines after the first are indented by `hang`. */
export function wrap(line: string, width: number, hang = 0): string[] {
  const lines: string[] = [];
  const indent = " ".repeat(Math.max(0, Math.min(hang, width - 20)));
  // Spaces at the beginning and between columns stay as they are; one that must not break, and its word, stay together.
  for (const word of line.match(/^ +[^ ]*| *[^ ]+/g) ?? [""]) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(word);
    else if (last.length + word.length <= width) lines[lines.length - 1] = last + word;
    else lines.push(indent + word.trimStart());
  }
  return lines;
}
