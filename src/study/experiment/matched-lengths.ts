/** Conversations chosen so that their answers are as long as those of others. */
import type { Conversation } from "../../dataset/index.js";

/** Words of the answers of a conversation. */
export const wordsOf = ({ messages }: Pick<Conversation, "messages">): number =>
  messages.reduce((sum, { role, content }) => sum + (role === "assistant" ? wordCount(content) : 0), 0);

export const wordCount = (text: string): number => text.split(/\s+/).filter(Boolean).length;

/**
 * For each of `targets` one of `pool`, each taken once: the nearest in length that is left, the longest targets first,
 * for which there is least to choose from. In the order of the targets.
 * @throws {RangeError} where the pool has fewer conversations than targets
 */
export function matchedLengths(targets: readonly Conversation[], pool: readonly Conversation[]): Conversation[] {
  if (pool.length < targets.length) {
    throw new RangeError(`matched lengths: expected ${targets.length} conversations or more, found ${pool.length}`);
  }
  const left = pool.map((row) => ({ row, words: wordsOf(row) })).toSorted((a, b) => a.words - b.words);
  const order = targets.map((row, i) => ({ i, words: wordsOf(row) })).toSorted((a, b) => b.words - a.words);
  const chosen = Array.from<Conversation>({ length: targets.length });
  for (const { i, words } of order) {
    const from = left.findIndex((one) => one.words >= words);
    const above = from === -1 ? left.length : from;
    const over = (left[above]?.words ?? Number.POSITIVE_INFINITY) - words;
    const under = words - (left[above - 1]?.words ?? Number.NEGATIVE_INFINITY);
    const [taken] = left.splice(over <= under ? above : above - 1, 1);
    chosen[i] = (taken as (typeof left)[number]).row;
  }
  return chosen;
}
