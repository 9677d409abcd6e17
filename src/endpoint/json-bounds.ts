/**
 * What a server's JSON may hold, looked at before anything is made of it: two bytes of text can become an object of
 * hundreds, and each that is not as expected an error of its own.
 */
const MOST_VALUES = 1_000_000;
/** In one list or object; the pages of lists have a hundred. */
const MOST_ITEMS = 100_000;
const DEEPEST = 256;

const [QUOTE, BACKSLASH, COMMA] = [34, 92, 44];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];

/** What there is too much of, in words that follow "found"; undefined where all is within bounds. */
export function excessOf(text: string): string | undefined {
  const items: number[] = [0];
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      continue;
    }
    if (code === COMMA) {
      values++;
      const last = items.length - 1;
      const count = (items[last] ?? 0) + 1;
      items[last] = count;
      if (count >= MOST_ITEMS) return `a list of more than ${MOST_ITEMS} items`;
    } else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      values++;
      if (items.push(0) > DEEPEST) return `lists in lists, more than ${DEEPEST} deep`;
    } else if ((code === CLOSE_LIST || code === CLOSE_OBJECT) && items.length > 1) items.pop();
    if (values > MOST_VALUES) return `more than ${MOST_VALUES} values`;
  }
  return undefined;
}

function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return text.length;
}
