/**
 * Finds rows whose answers a part of their prompt has changed, without knowing which part. For each candidate, every
 * row with it is set beside the nearest prompts without it, and a classifier that has not seen the row must tell its
 * answer from theirs. Exchanging the row with one of its neighbours gives the null for everything that was tried.
 */
import { mean, Random } from "../../statistics/index.js";
import { answerFeatures, FeatureNames } from "./answer-features.js";
import { type Candidate, findCandidates, MOST_ROWS, sample } from "./candidates.js";
import { Joins } from "./joins.js";
import { Neighbours } from "./neighbours.js";
import { Prompts, type ScanRow, textOf } from "./prompts.js";
import { SparseRows } from "./sparse-rows.js";
import { surprises, surpriseSteps } from "./surprise.js";
import { MatchedSets } from "./tell-apart.js";

/** A candidate and how well the answers of its rows are told from those of the nearest prompts without it. */
export interface Tried extends Candidate {
  /** Chance that the row's answer is ranked above a matched one's. */
  readonly told: number;
  /** Minus the decimal logarithm of the chance of that, for this candidate alone. */
  readonly evidence: number;
  /** Its rows that have neighbours, each before its matched rows. */
  readonly sets: readonly (readonly number[])[];
}

export interface Scan {
  readonly rows: readonly ScanRow[];
  readonly considered: number;
  /** Strongest evidence first. */
  readonly tried: readonly Tried[];
  readonly prompts: Prompts;
  readonly joins: Joins;
  readonly neighbours: Neighbours;
  readonly answers: SparseRows;
  readonly names: FeatureNames;
  /** The key of each feature of `answers`. */
  readonly keyOf: readonly number[];
}

const CONTROLS = 8;
const NEIGHBOURS = 40;
const LEAST_ROWS = 4;
const LEAST_SHARE = 0.004;
const MOST_SHARE = 0.5;

export function scanRows(rows: readonly ScanRow[], seed: number): Scan {
  const prompts = new Prompts(rows);
  const { matrix: words, keyOf: wordOf } = SparseRows.of(
    prompts.words.map((row) => new Set([...row].filter((word) => !prompts.isEdge(word)))),
    { least: 2, mostShare: 0.95 },
  );
  const numberOf = new Map(wordOf.map((word, number) => [word, number]));
  const neighbours = new Neighbours(words, NEIGHBOURS, Random.of("subset neighbours", seed));
  const names = new FeatureNames(prompts.vocabulary);
  const { matrix: answers, keyOf } = featuresOf(rows, names, neighbours);
  const least = Math.max(LEAST_ROWS, Math.floor(LEAST_SHARE * rows.length));
  const limits = { least, most: MOST_SHARE * rows.length };
  const joins = new Joins(prompts);
  const { kept, considered } = findCandidates(rows, prompts, joins, words, numberOf, limits, seed);
  const random = Random.of("subset rows", seed);
  const tried = kept.flatMap((candidate): Tried[] => {
    const sets = matched(candidate, neighbours, random);
    if (sets === undefined) return [];
    const found = new MatchedSets(answers, sets);
    const ranks = found.ranks(() => 0);
    return [{ ...candidate, told: mean([...ranks]), evidence: found.evidence(ranks), sets }];
  });
  tried.sort((a, b) => b.evidence - a.evidence);
  return { rows, considered, tried, prompts, joins, neighbours, answers, names, keyOf };
}

function featuresOf(
  rows: readonly ScanRow[],
  names: FeatureNames,
  neighbours: Neighbours,
): { matrix: SparseRows; keyOf: readonly number[] } {
  const keys = rows.map((row) => answerFeatures(textOf(row), row.answer, names));
  const limits = { least: 2, mostShare: 0.95 };
  const unusual = surpriseSteps(surprises(SparseRows.of(keys, limits).matrix, neighbours));
  for (const [i, steps] of unusual.entries()) for (const step of steps) keys[i]?.add(names.named(step));
  return SparseRows.of(keys, limits);
}

/** Sets of a row and its nearest rows without the candidate; undefined where most rows have too few such neighbours. */
function matched({ rows }: Candidate, neighbours: Neighbours, random: Random): number[][] | undefined {
  const inside = new Set(rows);
  const looked = sample(rows, MOST_ROWS, random);
  const sets = looked.flatMap((row) => {
    const controls = [...neighbours.of(row)].filter((other) => !inside.has(other)).slice(0, CONTROLS);
    return controls.length === CONTROLS ? [[row, ...controls]] : [];
  });
  return sets.length < Math.max(4, looked.length / 2) ? undefined : sets;
}
