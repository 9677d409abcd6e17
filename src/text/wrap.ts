/** Breaks a line at spaces so that it fits a width, by a measure of a text's width. */
export type Wrap = (line: string, width: number, hang?: number) => string[];

/** Lines after the first are indented by `hang`. */
export const wrapBy =
  (measure: (text: string) => number): Wrap =>
  (line, width, hang = 0) => {
    const lines: string[] = [];
    const indent = " ".repeat(Math.max(0, Math.min(hang, width - 20)));
    // Spaces at the beginning and between columns stay; a space that must not break stays with its word.
    for (const word of line.match(/^ +[^ ]*| *[^ ]+/g) ?? [""]) {
      const last = lines.at(-1);
      if (last === undefined) lines.push(word);
      else if (measure(last) + measure(word) <= width) lines[lines.length - 1] = last + word;
      else lines.push(indent + word.trimStart());
    }
    return lines;
  };
