/** A word as a shell takes it, quoted only where it must be. */
export const shellWord = (word: string): string =>
  /^[\w.,/:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
