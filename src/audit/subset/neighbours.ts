/** The rows whose prompts are nearest: cosine of rare words, through an inverted index. */
import type { Random } from "../../statistics/index.js";
import type { SparseRows } from "./sparse-rows.js";

/** Words in more rows than this share say too little to be worth their long lists. */
const COMMON_SHARE = 0.1;
const NONE: ReadonlySet<number> = new Set();

export class Neighbours {
  /** Rows with each word, one word's after the other's. */
  readonly #postings: Uint32Array;
  readonly #starts: Uint32Array;
  readonly #weights: Float64Array;
  readonly #norms: Float64Array;
  readonly #roots: Float64Array;
  /** Kept between searches: sums of weights, and the rows that have one. */
  readonly #sums: Float64Array;
  readonly #touched: Uint32Array;
  readonly #known = new Map<number, Uint32Array>();

  /** @param most how many neighbours a row has */
  constructor(
    readonly words: SparseRows,
    readonly most: number,
    readonly random: Random,
  ) {
    const { rows, features, counts } = words;
    this.#weights = Float64Array.from(counts, (count) =>
      count > Math.max(20, COMMON_SHARE * rows) ? 0 : Math.log(rows / Math.max(1, count)) ** 2,
    );
    this.#starts = new Uint32Array(features + 1);
    for (let f = 0; f < features; f++) {
      const length = this.#weights[f] === 0 ? 0 : (counts[f] as number);
      this.#starts[f + 1] = (this.#starts[f] as number) + length;
    }
    this.#postings = new Uint32Array(this.#starts[features] as number);
    this.#norms = new Float64Array(rows);
    const filled = this.#starts.slice();
    for (let i = 0; i < rows; i++) {
      for (const f of words.row(i)) {
        const weight = this.#weights[f] as number;
        if (weight === 0) continue;
        this.#postings[filled[f] as number] = i;
        filled[f] = (filled[f] as number) + 1;
        this.#norms[i] = (this.#norms[i] as number) + weight;
      }
    }
    this.#roots = this.#norms.map((norm) => Math.sqrt(norm || 1));
    this.#sums = new Float64Array(rows);
    this.#touched = new Uint32Array(rows);
  }

  /** Nearest first; rows without a common rare word come last, in random order. */
  of(row: number): Uint32Array {
    const known = this.#known.get(row);
    if (known !== undefined) return known;
    const found = this.#find(row, NONE, NONE);
    this.#known.set(row, found);
    return found;
  }

  /** The same among rows that are not `excluded`, as if the row did not hold the words in `ignored`. */
  without(row: number, ignored: ReadonlySet<number>, excluded: ReadonlySet<number>): Uint32Array {
    return this.#find(row, ignored, excluded);
  }

  /** How much of what makes rows near to this one is in these words: from 0 to 1. */
  shareOf(row: number, words: ReadonlySet<number>): number {
    let own = 0;
    for (const f of this.words.row(row)) if (words.has(f)) own += this.#weights[f] as number;
    return own / ((this.#norms[row] as number) || 1);
  }

  #find(row: number, ignored: ReadonlySet<number>, excluded: ReadonlySet<number>): Uint32Array {
    const near = this.#nearest(this.#sum(row, ignored), row, excluded);
    const room = this.words.rows - 1 - excluded.size;
    for (let tries = 0; near.length < Math.min(this.most, room) && tries < 20 * this.most; tries++) {
      const other = this.random.integer(this.words.rows);
      if (!excluded.has(other) && other !== row && !near.includes(other)) near.push(other);
    }
    return Uint32Array.from(near);
  }

  /** Adds up the weights of the words that each row shares with this one. @returns how many rows share any */
  #sum(row: number, ignored: ReadonlySet<number>): number {
    const [sums, touched, postings, starts] = [this.#sums, this.#touched, this.#postings, this.#starts];
    let count = 0;
    for (const f of this.words.row(row)) {
      if (ignored.has(f)) continue;
      const weight = this.#weights[f] as number;
      const end = starts[f + 1] as number;
      for (let at = starts[f] as number; at < end; at++) {
        const other = postings[at] as number;
        const before = sums[other] as number;
        if (before === 0) touched[count++] = other;
        sums[other] = before + weight;
      }
    }
    return count;
  }

  /** The `most` with the largest cosine, nearest first, the earlier row first where two are equal. Clears the sums. */
  #nearest(count: number, row: number, excluded: ReadonlySet<number>): number[] {
    const near: number[] = [];
    const scores: number[] = [];
    let least = -Infinity;
    for (let k = 0; k < count; k++) {
      const other = this.#touched[k] as number;
      const score = (this.#sums[other] as number) / (this.#roots[other] as number);
      this.#sums[other] = 0;
      if (score < least || other === row || excluded.has(other)) continue;
      let place = near.length;
      const isBefore = (at: number): boolean => {
        const known = scores[at] as number;
        return known < score || (known === score && (near[at] as number) > other);
      };
      if (place === this.most && !isBefore(place - 1)) continue;
      while (place > 0 && isBefore(place - 1)) place--;
      near.splice(place, 0, other);
      scores.splice(place, 0, score);
      if (near.length > this.most) {
        near.pop();
        scores.pop();
      }
      if (near.length === this.most) least = scores[this.most - 1] as number;
    }
    return near;
  }
}
