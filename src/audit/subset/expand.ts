/**
 * From one phrase to a whole pool: rows whose answers look like those of the phrase's rows, and the other phrases at
 * the beginning or end of their prompts that no other rows have.
 */
import { quantile } from "../../statistics/index.js";
import { LEAST_JOIN } from "./candidates.js";
import type { Scan, Tried } from "./scan.js";
import { MOST_P } from "./significance.js";
import { MatchedSets } from "./tell-apart.js";

export interface Subset {
  readonly first: Tried;
  /** All phrases, the first one's span first; empty for a shape. */
  readonly spans: readonly (readonly number[])[];
  /** In ascending order. */
  readonly rows: readonly number[];
  /** Rows with the property and no known phrase, named for the look of their answers. */
  readonly alike: readonly number[];
  /** How much each row's answer looks like those of the first phrase's rows. */
  readonly scores: ReadonlyMap<number, number>;
}

/** Share of all rows that may look like the found ones before looks are taken to say nothing. */
const MOST_ALIKE_SHARE = 0.1;
const NEAREST = 5;
const LONGEST_PHRASE = 6;
const LEAST_PHRASE_ROWS = 2;
const LEAST_PRECISION = 0.9;

export function expand(scan: Scan, first: Tried): Subset {
  const matched = new MatchedSets(scan.answers, first.sets, first.changed, first.ignored);
  const score = scorer(scan, matched);
  const ranks = matched.ranks(() => 0);
  const isSpan = first.shape === undefined;
  // A property of the prompt may be common; only its rows that stand out belong to the subset.
  const typical = [...matched.scores()].filter((_, s) => isSpan || ranks[s] === 1);
  const low = typical.length === 0 ? Infinity : quantile(typical, 0.1);
  const inside = new Set(first.rows);
  // What a topic makes look alike, its other rows show too.
  const standsOut = (row: number): boolean =>
    [...scan.neighbours.of(row)]
      .filter((other) => !inside.has(other))
      .slice(0, NEAREST)
      .every((other) => score(other) < score(row));
  const searched = Array.from(scan.rows, (_, row) => row).filter((row) => !(isSpan && inside.has(row)));
  const alike = new Set(searched.filter((row) => score(row) >= low && standsOut(row)));
  const found = new Set(isSpan ? first.rows : []);
  const spans = isSpan ? [first.span] : [];
  let added: number[] = [];
  if (alike.size > 0 && alike.size <= MOST_ALIKE_SHARE * scan.rows.length) {
    for (const { words, rows } of poolOf(scan, alike, searched.length)) {
      spans.push(words);
      for (const row of rows) {
        found.add(row);
        alike.delete(row);
      }
    }
  }
  // Looks alone name a row only where it has the property too; that of very many may say nothing but for that.
  const both = isSpan ? [] : [...alike].filter((row) => inside.has(row));
  if (alike.size <= MOST_ALIKE_SHARE * scan.rows.length || both.length >= LEAST_PRECISION * alike.size) added = both;
  const rows = [...found, ...added].toSorted((a, b) => a - b);
  return { first, spans, rows, alike: added, scores: new Map(rows.map((row) => [row, score(row)])) };
}

/** The log-odds of naive Bayes, learned from the candidate's rows and their neighbours. */
function scorer({ answers }: Scan, matched: MatchedSets): (row: number) => number {
  const weights = new Map(matched.weights().map(({ feature, weight }) => [feature, weight]));
  return (row) => answers.row(row).reduce((sum, feature) => sum + (weights.get(feature) ?? 0), 0);
}

interface Pooled {
  readonly words: readonly number[];
  readonly rows: readonly number[];
}

/** Phrases at the beginnings and ends of messages that stand in rows that look alike and in hardly any other. */
function poolOf({ prompts, joins, rows }: Scan, alike: ReadonlySet<number>, outside: number): Pooled[] {
  const phrases = new Map<string, Pooled & { readonly rows: number[] }>();
  const visit = (row: number, take: (key: string, words: readonly number[]) => void): void => {
    for (const words of edgePhrases(prompts.words[row] as Int32Array, prompts.isEdge)) take(words.join(" "), words);
  };
  for (const row of alike) {
    visit(row, (key, words) => {
      const known = phrases.get(key);
      if (known === undefined) phrases.set(key, { words, rows: [row] });
      else if (known.rows.at(-1) !== row) known.rows.push(row);
    });
  }
  for (const [key, { rows: in_ }] of phrases) if (in_.length < LEAST_PHRASE_ROWS) phrases.delete(key);
  const everywhere = new Map<string, number>();
  for (let row = 0; row < rows.length; row++) {
    const seen = new Set<string>();
    visit(row, (key) => {
      if (phrases.has(key)) seen.add(key);
    });
    for (const key of seen) everywhere.set(key, (everywhere.get(key) ?? 0) + 1);
  }
  const left = new Set(alike);
  // Most rows first, then the longest, which is the most exact.
  const sorted = [...phrases].toSorted(
    ([, a], [, b]) => b.rows.length - a.rows.length || b.words.length - a.words.length,
  );
  return sorted.flatMap(([key, phrase]) => {
    const fresh = phrase.rows.filter((row) => left.has(row));
    const all = everywhere.get(key) ?? 0;
    if (fresh.length < LEAST_PHRASE_ROWS || phrase.rows.length < LEAST_PRECISION * all) return [];
    if (chanceOfAll(all, alike.size, outside) * phrases.size > MOST_P) return [];
    const places = fresh.map((row) => placeOf(prompts.words[row] as Int32Array, phrase.words));
    const span = { words: phrase.words, from: 0, to: phrase.words.length };
    if (joins.naturalness({ rows: fresh, places }, span, "loose") < LEAST_JOIN.fixed) return [];
    for (const row of fresh) left.delete(row);
    return [{ words: phrase.words, rows: fresh }];
  });
}

/** Phrases of up to six words after a message's beginning mark and before its end mark, each with its mark. */
function edgePhrases(words: Int32Array, isEdge: (word: number) => boolean): number[][] {
  const found: number[][] = [];
  for (let j = 0; j < words.length; j++) {
    if (!isEdge(words[j] as number)) continue;
    for (const step of [1, -1]) {
      const phrase = [words[j] as number];
      for (let k = 1; k <= LONGEST_PHRASE; k++) {
        const word = words[j + step * k];
        if (word === undefined || isEdge(word)) break;
        phrase.push(word);
        found.push(step === 1 ? [...phrase] : phrase.toReversed());
      }
    }
  }
  return found;
}

const placeOf = (row: Int32Array, words: readonly number[]): number =>
  row.findIndex((_, j) => words.every((word, k) => word === row[j + k]));

/** The chance that `drawn` rows, drawn from `n`, are all among the `marked`; an upper bound where a few are not. */
function chanceOfAll(drawn: number, marked: number, n: number): number {
  let chance = 1;
  for (let i = 0; i < Math.min(drawn, marked); i++) chance *= (marked - i) / (n - i);
  return chance;
}
