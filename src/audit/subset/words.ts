/** Words of a text: letters and digits together, every other sign alone, line breaks kept. */

// Han has no spaces between words, so each sign stands alone.
const WORD = /\p{Script=Han}|[\p{L}\p{N}\p{M}_]+|\n+|[^\s\p{L}\p{N}\p{M}_]/gu;
export const LONGEST_WORD = 40;

export function wordsOf(text: string): string[] {
  const found = text.toLowerCase().match(WORD) ?? [];
  return found.map((word) => (word.startsWith("\n") ? "\n" : word.slice(0, LONGEST_WORD)));
}
