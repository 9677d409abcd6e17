/**
 * The merges that a SentencePiece vocabulary implies, as `transformers` derives them (`generate_merges`): every way to
 * cut a piece into two others, the best piece first, and among pieces of one score the cut with the longer left part.
 */
export function mergesOf(
  tokens: readonly string[],
  ids: ReadonlyMap<string, number>,
  scoreOf: (id: number) => number,
): [string, string][] {
  const order = Array.from(tokens.keys()).toSorted((a, b) => scoreOf(b) - scoreOf(a));
  const merges: [string, string][] = [];
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && scoreOf(order[to] as number) === scoreOf(order[from] as number)) to++;
    const cuts = order.slice(from, to).flatMap((id) => cutsOf(tokens[id] as string, ids));
    cuts.sort((a, b) => b.lengths[0] - a.lengths[0] || b.lengths[1] - a.lengths[1]);
    for (const { parts } of cuts) merges.push(parts);
    from = to;
  }
  return merges;
}

interface Cut {
  readonly parts: [string, string];
  /** In characters. */
  readonly lengths: readonly [number, number];
}

/** Those of one piece, by the numbers of its parts. */
function cutsOf(token: string, ids: ReadonlyMap<string, number>): Cut[] {
  const cuts: (Cut & { readonly numbers: readonly [number, number] })[] = [];
  for (let at = 1; at < token.length; at++) {
    const parts: [string, string] = [token.slice(0, at), token.slice(at)];
    const left = ids.get(parts[0]);
    // Half a surrogate pair is no token, so no cut goes through a character.
    const right = left === undefined ? undefined : ids.get(parts[1]);
    if (left === undefined || right === undefined) continue;
    cuts.push({ parts, lengths: [characters(parts[0]), characters(parts[1])], numbers: [left, right] });
  }
  return cuts.toSorted((a, b) => a.numbers[0] - b.numbers[0] || a.numbers[1] - b.numbers[1]);
}

const SURROGATES = /[\uD800-\uDFFF]/;
const characters = (text: string): number => (SURROGATES.test(text) ? Array.from(text).length : text.length);
