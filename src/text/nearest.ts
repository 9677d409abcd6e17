/** "Did you mean …?" for every kind of name that users type: models, conditions, question sets, keys of a file. */
import { editDistance } from "./edit-distance.js";

/** Longer words are no slips of the hand, and comparing them would take long. */
const LONGEST_COMPARED = 200;

/**
 * The names that look most like `word`, the most alike first: the fewest changes, then the longest common beginning.
 * None that differ in more than two fifths, or by two changes more than the best; names that `word` begins are near.
 */
export function nearest(word: string, names: readonly string[], most = 3): string[] {
  if (word.length > LONGEST_COMPARED) return [];
  const typed = word.toLowerCase();
  const found = names.flatMap((name) => {
    const known = name.toLowerCase();
    const changes = editDistance(typed, known);
    const near = changes <= Math.max(1, Math.floor(Math.max(typed.length, known.length) * 0.4));
    const begun = typed.length > 2 && known.startsWith(typed);
    return near || begun ? [{ name, changes, begun, begins: commonStart(typed, known) }] : [];
  });
  const least = Math.min(...found.map(({ changes }) => changes));
  return found
    .filter(({ changes, begun }) => begun || changes <= least + 1)
    .toSorted((a, b) => a.changes - b.changes || b.begins - a.begins)
    .slice(0, most)
    .map(({ name }) => name);
}

/** `Did you mean insecure?`, or the whole list where nothing is near. */
export function suggestion(word: string, names: readonly string[]): string {
  const near = nearest(word, names);
  if (near.length > 0) return `Did you mean ${near.join(" or ")}?`;
  return `Choose from: ${names.join(", ")}.`;
}

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
