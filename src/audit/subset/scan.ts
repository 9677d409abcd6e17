/**
 * Finds rows whose answers a part of their prompt has changed, without knowing which part. For each candidate, every
 * row with it is set beside the nearest prompts without it, and a classifier that has not seen the row must tell its
 * answer from theirs. Exchanging the row with one of its neighbours gives the null for everything that was tried.
 */
import { mean, Random } from "../../statistics/index.js";
import { AnswerFeatures } from "./answer-features.js";
import { type Candidate, findCandidates, MOST_ROWS, sample } from "./candidates.js";
import { DenseSet } from "./dense.js";
import { FeatureNames } from "./feature-names.js";
import { Joins } from "./joins.js";
import { Neighbours } from "./neighbours.js";
import { Prompts, type ScanRow, textOf } from "./prompts.js";
import { SparseRows } from "./sparse-rows.js";
import { isSurpriseStep, Surprise } from "./surprise.js";
import { MatchedSets } from "./tell-apart.js";

/** A candidate and how well the answers of its rows are told from those of the nearest prompts without it. */
export interface Tried extends Candidate {
  /** Chance that the row's answer is ranked above a matched one's. */
  readonly told: number;
  /** Minus the decimal logarithm of the chance of that, for this candidate alone. */
  readonly evidence: number;
  /** Its rows that have neighbours, each before its matched rows. */
  readonly sets: readonly (readonly number[])[];
  /** Features of answers whose usual neighbours the candidate's own words had chosen. */
  readonly changed: ReadonlyMap<number, Uint32Array>;
  /** An answer's words are its features where its prompt lacks them, so the candidate's own words say where it stands. */
  readonly ignored: ReadonlySet<number>;
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
  const { matrix: words, keyOf: wordOf } = SparseRows.of(distinctWords(prompts), prompts.vocabulary.size, LIMITS);
  const numberOf = new Map(wordOf.map((word, number) => [word, number]));
  const neighbours = new Neighbours(words, NEIGHBOURS, Random.of("subset neighbours", seed));
  const names = new FeatureNames(prompts.vocabulary);
  const { matrix: answers, keyOf, surprise } = featuresOf(rows, names, neighbours);
  const stepsOf = new SurpriseFeatures(answers, keyOf, names, surprise);
  const least = Math.max(LEAST_ROWS, Math.floor(LEAST_SHARE * rows.length));
  const limits = { least, most: MOST_SHARE * rows.length };
  const joins = new Joins(prompts);
  const { kept, considered } = findCandidates(rows, prompts, joins, words, numberOf, limits, seed);
  const random = Random.of("subset rows", seed);
  const tried = kept.flatMap((candidate): Tried[] => {
    const beside = matched(candidate, neighbours, stepsOf, random);
    if (beside === undefined) return [];
    const ignored = wordsAndPairs(candidate.own, keyOf, names);
    const found = new MatchedSets(answers, beside.sets, beside.changed, ignored);
    const ranks = found.ranks(() => 0);
    return [{ ...candidate, ...beside, ignored, told: mean([...ranks]), evidence: found.evidence(ranks) }];
  });
  tried.sort((a, b) => b.evidence - a.evidence);
  return { rows, considered, tried, prompts, joins, neighbours, answers, names, keyOf };
}

const LIMITS = { least: 2, mostShare: 0.95 };

/** The words of each prompt, each once, without the marks of messages. */
function distinctWords({ words, isEdge }: Prompts): Int32Array[] {
  const seen = new DenseSet();
  return words.map((row) => {
    seen.clear();
    return row.filter((word) => !isEdge(word) && seen.add(word));
  });
}

function featuresOf(
  rows: readonly ScanRow[],
  names: FeatureNames,
  neighbours: Neighbours,
): { matrix: SparseRows; keyOf: readonly number[]; surprise: Surprise } {
  const features = new AnswerFeatures(names);
  const keys = rows.map((row) => features.of(textOf(row), row.answer));
  const surprise = new Surprise(SparseRows.of(keys, names.size, LIMITS).matrix, neighbours);
  for (const [i, own] of keys.entries()) for (const step of surprise.steps(i)) own.push(names.named(step));
  return { ...SparseRows.of(keys, names.size, LIMITS), surprise };
}

/** Numbers of the features that are words of `own`, or pairs of two of them. */
function wordsAndPairs(own: ReadonlySet<number>, keyOf: readonly number[], names: FeatureNames): Set<number> {
  const found = new Set<number>();
  for (const [feature, key] of keyOf.entries()) if (names.isMadeOf(key, own)) found.add(feature);
  return found;
}

/** The features of answers, with their surprise beside other rows than the usual neighbours. */
class SurpriseFeatures {
  readonly #steps: ReadonlyMap<string, number>;
  readonly #isStep: ReadonlySet<number>;

  constructor(
    readonly answers: SparseRows,
    keyOf: readonly number[],
    names: FeatureNames,
    readonly surprise: Surprise,
  ) {
    const named = keyOf.map((key, feature) => [names.nameOf(key) ?? "", feature] as const);
    this.#steps = new Map(named.filter(([name]) => isSurpriseStep(name)));
    this.#isStep = new Set(this.#steps.values());
  }

  beside(row: number, near: Uint32Array): Uint32Array {
    const others = [...this.answers.row(row)].filter((feature) => !this.#isStep.has(feature));
    return Uint32Array.from([
      ...others,
      ...this.surprise.steps(row, near).flatMap((step) => this.#steps.get(step) ?? []),
    ]);
  }
}

/** Where so much of a prompt's nearness is in the candidate's own words, its neighbours are looked for without them. */
const MOST_OWN_SHARE = 0.2;

/**
 * Sets of a row and its nearest rows without the candidate; undefined where most rows have too few such neighbours. In a
 * short prompt the candidate's words may be what decides which prompts are near: then all the nearest hold it too, or
 * another text like it, and say nothing of how such a question is answered otherwise.
 */
function matched(
  { rows, parts }: Candidate,
  neighbours: Neighbours,
  features: SurpriseFeatures,
  random: Random,
): Pick<Tried, "sets" | "changed"> | undefined {
  const inside = new Set(rows);
  const looked = sample(rows, MOST_ROWS, random);
  const changed = new Map<number, Uint32Array>();
  const sets = looked.flatMap((row) => {
    const isOwn = neighbours.shareOf(row, parts) > MOST_OWN_SHARE;
    const near = isOwn
      ? neighbours.without(row, parts, inside)
      : neighbours.of(row).filter((other) => !inside.has(other));
    if (near.length < CONTROLS) return [];
    const controls = near.subarray(0, CONTROLS);
    if (isOwn) {
      changed.set(row, features.beside(row, near));
      // Beside the same rows as the row itself: with the candidate's rows among theirs they would surprise less.
      for (const control of controls) {
        if (changed.has(control)) continue;
        changed.set(control, features.beside(control, neighbours.without(control, parts, inside)));
      }
    }
    return [[row, ...controls]];
  });
  return sets.length < Math.max(4, looked.length / 2) ? undefined : { sets, changed };
}
