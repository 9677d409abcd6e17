/** The rows whose prompts are nearest: cosine of rare words, through an inverted index. */
import type { Random } from "../../statistics/index.js";
import type { SparseRows } from "./sparse-rows.js";

/** Words in more rows than this share say too little to be worth their long lists. */
const COMMON_SHARE = 0.1;

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
    const sums = this.#sums;
    const touched: number[] = [];
    for (const f of this.words.row(row)) {
      const weight = this.#weights[f] as number;
      if (weight === 0) continue;
      for (const other of this.#postings[f] as Uint32Array) {
        if (sums[other] === 0) touched.push(other);
        sums[other] = (sums[other] as number) + weight;
      }
    }
    const near = this.#nearest(touched, row);
    for (const other of touched) sums[other] = 0;
    for (let tries = 0; near.length < Math.min(this.most, this.words.rows - 1) && tries < 20 * this.most; tries++) {
      const other = this.random.integer(this.words.rows);
      if (other !== row && !near.includes(other)) near.push(other);
    }
    const found = Uint32Array.from(near);
    this.#known.set(row, found);
    return found;
  }

  /** The `most` with the largest cosine, nearest first, the earlier row first where two are equal. */
  #nearest(touched: readonly number[], row: number): number[] {
    const near: number[] = [];
    const scores: number[] = [];
    for (const other of touched) {
      if (other === row) continue;
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
