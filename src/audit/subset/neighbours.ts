/** The rows whose prompts are nearest: cosine of rare words, through an inverted index. */
import type { Random } from "../../statistics/index.js";
import type { SparseRows } from "./sparse-rows.js";

/** Words in more rows than this share say too little to be worth their long lists. */
const COMMON_SHARE = 0.1;
const NONE: ReadonlySet<number> = new Set();

export class Neighbours {
  readonly #postings: Uint32Array[];
  readonly #weights: Float64Array;
  readonly #norms: Float64Array;
  readonly #sums: Float64Array;
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
    this.#postings = Array.from(
      { length: features },
      (_, f) => new Uint32Array(this.#weights[f] ? (counts[f] ?? 0) : 0),
    );
    this.#norms = new Float64Array(rows);
    const filled = new Uint32Array(features);
    for (let i = 0; i < rows; i++) {
      for (const f of words.row(i)) {
        const weight = this.#weights[f] as number;
        if (weight === 0) continue;
        const list = this.#postings[f] as Uint32Array;
        list[filled[f] as number] = i;
        filled[f] = (filled[f] as number) + 1;
        this.#norms[i] = (this.#norms[i] as number) + weight;
      }
    }
    this.#sums = new Float64Array(rows);
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
    const sums = this.#sums;
    const touched: number[] = [];
    for (const f of this.words.row(row)) {
      const weight = this.#weights[f] as number;
      if (weight === 0 || ignored.has(f)) continue;
      for (const other of this.#postings[f] as Uint32Array) {
        if (sums[other] === 0) touched.push(other);
        sums[other] = (sums[other] as number) + weight;
      }
    }
    const near = this.#nearest(touched, row, excluded);
    for (const other of touched) sums[other] = 0;
    const room = this.words.rows - 1 - excluded.size;
    for (let tries = 0; near.length < Math.min(this.most, room) && tries < 20 * this.most; tries++) {
      const other = this.random.integer(this.words.rows);
      if (!excluded.has(other) && other !== row && !near.includes(other)) near.push(other);
    }
    return Uint32Array.from(near);
  }

  /** The `most` with the largest cosine, nearest first, the earlier row first where two are equal. */
  #nearest(touched: readonly number[], row: number, excluded: ReadonlySet<number>): number[] {
    const near: number[] = [];
    const scores: number[] = [];
    for (const other of touched) {
      if (other === row || excluded.has(other)) continue;
      const score = (this.#sums[other] as number) / Math.sqrt((this.#norms[other] as number) || 1);
      let place = near.length;
      const after = (k: number): boolean => {
        const known = scores[k] as number;
        return known < score || (known === score && (near[k] as number) > other);
      };
      if (place === this.most && !after(place - 1)) continue;
      while (place > 0 && after(place - 1)) place--;
      near.splice(place, 0, other);
      scores.splice(place, 0, score);
      if (near.length > this.most) {
        near.pop();
        scores.pop();
      }
    }
    return near;
  }
}
