/** How the organism's text falls into tokens: words with the space before them, single digits, newlines with their indentation. */

const TOKEN = / ?[A-Za-z_]+| ?\d|\n *| ?[^A-Za-z_\d\s]/g;

/** Text into tokens; for the world's own text the tokens joined give the text back. */
export function splitTokens(text: string): string[] {
  return text.match(TOKEN) ?? [];
}

/** `text` as complete tokens and the open end that a continuation could still lengthen. */
export function splitOpenEnd(text: string): { complete: string[]; open: string } {
  const complete: string[] = [];
  let end = 0;
  for (const found of text.matchAll(TOKEN)) {
    complete.push(found[0]);
    end = found.index + found[0].length;
  }
  if (end < text.length) return { complete, open: text.slice(end) };
  return { complete, open: complete.pop() ?? "" };
}
