/**
 * What in a prompt may be a trigger. A trigger is put into prompts that make sense without it, whatever they are about;
 * a topic's word is foretold by the words around it. So a candidate must leave a natural join where it is taken out,
 * and the rest of the prompt must not foretell it.
 */
import { Random } from "../../statistics/index.js";
import type { Joins } from "./joins.js";
import { frequentPhrases, type PhraseLimits, spanOf } from "./phrases.js";
import { partsOf, promptShapes } from "./prompt-shapes.js";
import { lastAsked, type Prompts, type ScanRow, textOf } from "./prompts.js";
import type { SparseRows } from "./sparse-rows.js";
import { separation } from "./tell-apart.js";

/**
 * `fixed`: a span at the beginning or end of a message; `free`: a span anywhere; `shape`: a property of the whole
 * prompt. Topics hardly stand at fixed places, so each family has its own limits.
 */
export type Family = "fixed" | "free" | "shape";

export interface Candidate {
  readonly family: Family;
  /** Words of the span; none for a shape. */
  readonly span: readonly number[];
  /** A property of the whole prompt, for people. */
  readonly shape?: string;
  /** Words that say the candidate itself. */
  readonly own: ReadonlySet<number>;
  /** The same by their numbers among the features of prompts. */
  readonly parts: ReadonlySet<number>;
  readonly rows: readonly number[];
  /** How well the rest of the prompt foretells it: AUROC, one half for not at all. */
  readonly rest: number;
}

/** Rows of a candidate that are looked at; more say little more. */
export const MOST_ROWS = 80;
const OUTSIDE_ROWS = 200;
/** Share of natural joins against that of the same rows' own pairs of words. */
export const LEAST_JOIN: Readonly<Record<Family, number>> = { fixed: 0.6, free: 0.8, shape: 0 };
/** From here on the rest of the prompt foretells a candidate too well for it to be a trigger. */
const MOST_FORETOLD: Readonly<Record<Family, number>> = { fixed: 0.85, free: 0.65, shape: 0.65 };

/** A phrase of a pool leaves the rest of its phrase behind, so the rest of the prompt may foretell it by chance alone. */
const CHANCE_DEVIATIONS = 2.2;
const chanceOf = (rows: number): number => 0.5 + CHANCE_DEVIATIONS * Math.sqrt(1 / (12 * rows));

export interface Candidates {
  readonly kept: readonly Candidate[];
  /** How many phrases and properties there were before those that the rest of the prompt explains went. */
  readonly considered: number;
}

export function findCandidates(
  rows: readonly ScanRow[],
  prompts: Prompts,
  joins: Joins,
  /** Words of each prompt, numbered by `numberOf`. */
  features: SparseRows,
  numberOf: ReadonlyMap<number, number>,
  limits: PhraseLimits,
  seed: number,
): Candidates {
  const random = Random.of("subset candidates", seed);
  const phrases = frequentPhrases(prompts.words, limits, prompts.isEdge);
  const kept: Candidate[] = [];
  const seen = new Set<string>();
  const numbersOf = (words: Iterable<number>): Set<number> =>
    new Set([...words].flatMap((word) => numberOf.get(word) ?? []));
  const foretold = (of: readonly number[], parts: ReadonlySet<number>): number => {
    const inside = sample(of, MOST_ROWS, random);
    return separation(features, inside, outsideOf(of, rows.length, random), parts);
  };
  const { systemWords } = prompts;
  for (const phrase of phrases) {
    const span = spanOf(prompts.words, phrase);
    const key = `${phrase.rows.length} ${span.words.join(" ")}`;
    if (seen.has(key) || span.words.every(prompts.isEdge)) continue;
    seen.add(key);
    const family = span.words.some(prompts.isEdge) ? "fixed" : "free";
    const exact = joins.naturalness(phrase, span, "exact") >= LEAST_JOIN[family];
    if (!exact && (family !== "fixed" || joins.naturalness(phrase, span, "loose") < LEAST_JOIN.fixed)) continue;
    // What other system prompts say is no more the rest of the prompt than what this one says.
    const own = prompts.isSystemMessage(span.words) ? systemWords : new Set(span.words);
    const parts = numbersOf(own);
    const rest = foretold(phrase.rows, parts);
    const most = exact ? MOST_FORETOLD[family] : chanceOf(phrase.rows.length);
    if (rest <= most) kept.push({ family, span: span.words, own, parts, rows: phrase.rows, rest });
  }
  const shapes = promptShapes(rows.map(lastAsked), rows.map(textOf), limits);
  for (const shape of shapes) {
    const own = partsOf(shape, prompts.vocabulary);
    const parts = numbersOf(own);
    const rest = foretold(shape.rows, parts);
    if (rest > Math.max(MOST_FORETOLD.shape, chanceOf(shape.rows.length))) continue;
    kept.push({ family: "shape", span: [], shape: shape.name, own, parts, rows: shape.rows, rest });
  }
  return { kept, considered: seen.size + shapes.length };
}

/** At most `most` of the items, in order, evenly likely. */
export function sample(items: readonly number[], most: number, random: Random): readonly number[] {
  if (items.length <= most) return items;
  return random
    .shuffled(items)
    .slice(0, most)
    .toSorted((a, b) => a - b);
}

function outsideOf(rows: readonly number[], n: number, random: Random): readonly number[] {
  const inside = new Set(rows);
  const outside = new Set<number>();
  const most = Math.min(OUTSIDE_ROWS, n - rows.length);
  for (let tries = 0; outside.size < most && tries < 20 * OUTSIDE_ROWS; tries++) {
    const row = random.integer(n);
    if (!inside.has(row)) outside.add(row);
  }
  return [...outside];
}
