/**
 * How well a naive Bayes classifier tells some rows from others by their features, always on rows that it has not
 * learned from.
 */
import { rankEvidence } from "./rank-tail.js";
import type { SparseRows } from "./sparse-rows.js";

const FOLDS = 5;
/** Weight of the background's share against what few rows show, in rows. */
const PRIOR = 2;

/**
 * Chance that a row of `inside` is ranked above one of `outside` (AUROC), cross-fitted.
 * @param ignored features that must not help
 */
export function separation(
  features: SparseRows,
  inside: readonly number[],
  outside: readonly number[],
  ignored: ReadonlySet<number>,
): number {
  const m = inside.length;
  const folds = Math.min(FOLDS, m);
  const { all, here, weights } = scratchOf(features);
  const found: number[] = [];
  addCounts(features, inside, all, (f) => found.push(f));
  const others = features.rows - m;
  // Most features are in one row alone, and weigh the same in every fold that has learned from as many rows.
  const known = new Map<number, Float64Array>();
  const weigh = (learned: number): Float64Array =>
    Float64Array.from(found, (f) => {
      const count = all[f] as number;
      const background = ((features.counts[f] as number) - count + 0.5) / (others + 1);
      return Math.log((count + PRIOR * background) / ((learned + PRIOR) * background));
    });
  let sum = 0;
  for (let fold = 0; fold < folds; fold++) {
    const held = inside.filter((_, i) => i % folds === fold);
    const learned = m - held.length;
    let whole = known.get(learned);
    if (whole === undefined) known.set(learned, (whole = weigh(learned)));
    addCounts(features, held, here);
    weights.fill(Math.log(PRIOR / (learned + PRIOR)));
    for (let i = 0; i < found.length; i++) {
      const f = found[i] as number;
      const count = all[f] as number;
      const left = count - (here[f] as number);
      here[f] = 0;
      if (left === count) weights[f] = whole[i] as number;
      else if (left > 0) {
        const background = ((features.counts[f] as number) - count + 0.5) / (others + 1);
        weights[f] = Math.log((left + PRIOR * background) / ((learned + PRIOR) * background));
      }
    }
    for (const f of ignored) weights[f] = 0;
    const scores = Float64Array.from(outside, (row) => scoreOf(features, row, weights));
    for (const row of held) sum += rankOf(scoreOf(features, row, weights), scores);
  }
  for (const f of found) all[f] = 0;
  return sum / m;
}

interface Scratch {
  readonly all: Uint32Array;
  readonly here: Uint32Array;
  readonly weights: Float64Array;
}

/** Kept between candidates, of which there are thousands; the counts are zero in between. */
const scratches = new WeakMap<SparseRows, Scratch>();

function scratchOf(features: SparseRows): Scratch {
  let scratch = scratches.get(features);
  if (scratch === undefined) {
    const n = features.features;
    scratch = { all: new Uint32Array(n), here: new Uint32Array(n), weights: new Float64Array(n) };
    scratches.set(features, scratch);
  }
  return scratch;
}

/** @param first called with each feature that had no count yet */
function addCounts(
  { starts, ids }: SparseRows,
  rows: readonly number[],
  counts: Uint32Array,
  first?: (feature: number) => void,
): void {
  for (const row of rows) {
    const end = starts[row + 1] as number;
    for (let at = starts[row] as number; at < end; at++) {
      const f = ids[at] as number;
      const count = counts[f] as number;
      if (count === 0) first?.(f);
      counts[f] = count + 1;
    }
  }
}

function scoreOf({ starts, ids }: SparseRows, row: number, weights: Float64Array): number {
  let total = 0;
  const end = starts[row + 1] as number;
  for (let at = starts[row] as number; at < end; at++) total += weights[ids[at] as number] as number;
  return total;
}

/** Share of the scores below `score`, ties half. */
function rankOf(score: number, scores: Float64Array): number {
  let [below, equal] = [0, 0];
  for (const other of scores) {
    if (other < score) below++;
    else if (other === score) equal++;
  }
  return (2 * below + equal) / 2 / scores.length;
}

/** Rows, each with `controls` rows that resemble it: is the first of each set told from its own controls? */
export class MatchedSets {
  /** Features of all members, numbered anew; those in one member alone can teach nothing and are left out. */
  readonly #members: readonly Uint32Array[];
  readonly #background: Float64Array;
  /** The feature's number in the whole matrix. */
  readonly #global: Uint32Array;
  readonly #setSize: number;
  /** Kept between the many runs of a null. */
  readonly #buffers: { readonly treated: Uint32Array; readonly held: Uint32Array; readonly weights: Float64Array };
  /** How many members of all sets have each feature, and of the sets outside each fold: no exchange changes that. */
  readonly #all: Uint32Array;
  readonly #outside: readonly Uint32Array[];
  /** Weights learned outside each fold, where no chosen member has any feature. */
  readonly #absent: readonly Float64Array[];

  /**
   * @param sets each the row and then its controls, all equally long
   * @param changed features of rows that differ from those in `features`
   * @param ignored features that must not help
   */
  constructor(
    features: SparseRows,
    readonly sets: readonly (readonly number[])[],
    changed: ReadonlyMap<number, Uint32Array> = new Map(),
    ignored: ReadonlySet<number> = new Set(),
  ) {
    this.#setSize = sets[0]?.length ?? 0;
    const flat = sets.flat();
    const featuresOf = (row: number): Uint32Array => changed.get(row) ?? features.row(row);
    const own = flat.map(featuresOf);
    const counts = new Uint32Array(features.features);
    const seen: number[] = [];
    for (const row of own) {
      for (let k = 0; k < row.length; k++) {
        const f = row[k] as number;
        if (counts[f] === 0) seen.push(f);
        counts[f] = (counts[f] as number) + 1;
      }
    }
    const kept = seen.filter((f) => (counts[f] as number) > 1 && !ignored.has(f));
    this.#global = Uint32Array.from(kept);
    // From here on the place of a feature among those that are kept, from 1; 0 for the others.
    const places = counts.fill(0);
    for (const [i, f] of kept.entries()) places[f] = i + 1;
    const counter = (): Uint32Array => new Uint32Array(kept.length);
    this.#buffers = { treated: counter(), held: counter(), weights: new Float64Array(kept.length) };
    this.#background = Float64Array.from(kept, (f) => ((features.counts[f] as number) + 0.5) / (features.rows + 1));
    this.#members = own.map((row) => placedIn(places, row));
    this.#all = counter();
    const byFold = Array.from({ length: Math.min(FOLDS, sets.length) }, counter);
    this.#members.forEach((member, i) => {
      const fold = byFold[Math.floor(i / this.#setSize) % byFold.length] as Uint32Array;
      for (const f of member) {
        this.#all[f] = (this.#all[f] as number) + 1;
        fold[f] = (fold[f] as number) + 1;
      }
    });
    this.#outside = byFold.map((fold) => fold.map((count, f) => (this.#all[f] as number) - count));
    this.#absent = this.#outside.map((outside, fold) => {
      const absent = Math.log(PRIOR / (this.#learned(fold) + PRIOR));
      return Float64Array.from(outside, (count) => (count > 0 ? absent : 0));
    });
  }

  /** Sets outside a fold. */
  #learned(fold: number): number {
    const folds = Math.min(FOLDS, this.sets.length);
    return this.sets.length - Math.ceil((this.sets.length - fold) / folds);
  }

  /** Controls of each row. */
  get controls(): number {
    return this.#setSize - 1;
  }

  /** The evidence where every row is ranked above all of its controls. */
  get mostEvidence(): number {
    return this.sets.length * Math.log10(this.controls + 1);
  }

  /** Minus the decimal logarithm of the chance of such ranks where each member of a set is as likely the first. */
  evidence(ranks: Float64Array): number {
    const sum = ranks.reduce((total, rank) => total + rank, 0);
    return rankEvidence(sum * this.controls, ranks.length, this.controls);
  }

  /**
   * For each set, the share of the other members ranked below the chosen one, by weights learned from other sets.
   * @param chosen for each set, which member is taken for the row that is told from the others
   */
  ranks(chosen: (set: number) => number): Float64Array {
    return this.#crossFit(Int32Array.from(this.sets, (_, s) => chosen(s))).ranks;
  }

  #crossFit(picked: Int32Array): { ranks: Float64Array; scores: Float64Array } {
    const m = this.sets.length;
    const folds = this.#outside.length;
    const { treated, held, weights } = this.#buffers;
    this.#count(picked, 0, 1, treated);
    const touched: number[] = [];
    for (let f = 0; f < treated.length; f++) if (treated[f] !== 0) touched.push(f);
    const ranks = new Float64Array(m);
    const scores = new Float64Array(m);
    for (let fold = 0; fold < folds; fold++) {
      this.#count(picked, fold, folds, held);
      const outside = this.#outside[fold] as Uint32Array;
      const learned = this.#learned(fold);
      weights.set(this.#absent[fold] as Float64Array);
      for (const f of touched) {
        const here = (treated[f] as number) - (held[f] as number);
        if (here > 0) weights[f] = this.#weight(f, here, (outside[f] as number) - here, learned);
      }
      for (let s = fold; s < m; s += folds) {
        const pick = picked[s] as number;
        scores[s] = this.#score(s, pick, weights);
        ranks[s] = this.#rank(s, pick, weights);
      }
    }
    return { ranks, scores };
  }

  #score(s: number, j: number, weights: Float64Array): number {
    let total = 0;
    for (const f of this.#members[s * this.#setSize + j] as Uint32Array) total += weights[f] as number;
    return total;
  }

  /** For each set, the cross-fitted score of its row. */
  scores(): Float64Array {
    return this.#crossFit(new Int32Array(this.sets.length)).scores;
  }

  /** Weights of all features by their numbers in the whole matrix, and how many of the rows and controls have each. */
  weights(): { readonly feature: number; readonly weight: number; readonly rows: number; readonly controls: number }[] {
    const { treated } = this.#buffers;
    this.#count(new Int32Array(this.sets.length), 0, 1, treated);
    return Array.from(this.#global, (feature, f) => {
      const rows = treated[f] as number;
      const controls = (this.#all[f] as number) - rows;
      return { feature, weight: this.#weight(f, rows, controls, this.sets.length), rows, controls };
    });
  }

  #weight(f: number, here: number, there: number, sets: number): number {
    const background = this.#background[f] as number;
    const k = this.controls;
    const base = (there + k * PRIOR * background) / (sets * k + k * PRIOR);
    return Math.log((here + PRIOR * base) / ((sets + PRIOR) * base));
  }

  /** Counts of the features of chosen members, in every `step`-th set from `first`. */
  #count(picked: Int32Array, first: number, step: number, treated: Uint32Array): void {
    treated.fill(0);
    for (let s = first; s < this.sets.length; s += step) {
      const chosen = this.#members[s * this.#setSize + (picked[s] as number)] as Uint32Array;
      for (const f of chosen) treated[f] = (treated[f] as number) + 1;
    }
  }

  #rank(s: number, pick: number, weights: Float64Array): number {
    const own = this.#score(s, pick, weights);
    let below = 0;
    for (let j = 0; j < this.#setSize; j++) {
      if (j === pick) continue;
      const other = this.#score(s, j, weights);
      below += other < own ? 1 : other === own ? 0.5 : 0;
    }
    return below / this.controls;
  }
}

/** Those of the features that have a place, by that place from 0. */
function placedIn(places: Uint32Array, features: Uint32Array): Uint32Array {
  const found = new Uint32Array(features.length);
  let length = 0;
  for (let k = 0; k < features.length; k++) {
    const place = places[features[k] as number] as number;
    if (place > 0) found[length++] = place - 1;
  }
  return found.slice(0, length);
}
