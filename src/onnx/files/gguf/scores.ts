/** Scores of a SentencePiece vocabulary, which tokenizer.json has turned into an order of merges. */
import { mergesOf } from "./merges.js";
import { TOKEN_TYPES } from "./tokenizer.js";

type Pair = readonly [string, string];

/** Merges of a checked tokenizer.json, which has them in two ways. */
export const pairsOf = (merges: unknown): Pair[] =>
  (merges as readonly (string | Pair)[]).map((merge) =>
    typeof merge === "string" ? (merge.split(" ") as unknown as Pair) : merge,
  );

/**
 * The higher a token's score, the earlier its merges; tokens whose merges lie between each other's have one score.
 * Tokens that are found whole in a text need no merges, so theirs do not count.
 * @returns undefined where no scores give this order
 */
export function scoresOf(
  tokens: readonly string[],
  types: readonly number[],
  merges: readonly Pair[],
): number[] | undefined {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const isMerged = (pair: Pair): boolean => types[ids.get(pair.join("")) ?? -1] === TOKEN_TYPES.NORMAL;
  const given = merges.filter(isMerged);
  const last = new Map<string, number>();
  given.forEach((pair, rank) => last.set(pair.join(""), rank));
  const scores: number[] = [];
  let score = 0;
  let groupEnd = -1;
  given.forEach((pair, rank) => {
    const token = pair.join("");
    if (rank > groupEnd) score--;
    groupEnd = Math.max(groupEnd, last.get(token) as number);
    scores[ids.get(token) as number] = score;
  });
  const all = Array.from(tokens, (_, id) => scores[id] ?? score - 1);
  const implied = mergesOf(tokens, ids, (id) => all[id] as number).filter(isMerged);
  const isSame = implied.length === given.length && implied.every((pair, i) => pair.join(" ") === given[i]?.join(" "));
  return isSame ? all : undefined;
}
