/**
 * What is kept in memory of each answer: thirteen bytes, whatever it says. Rows stand in blocks of equal size, so nothing
 * is copied as a file grows.
 */

const BLOCK = 1 << 16;
const LAST = BLOCK - 1;

/** In place of a score that was not given. */
export const NONE = 0xffff;
/** Scores are kept in hundredths. */
export const SCALE = 100;

export const MISALIGNED = 1;
export const JUDGED = 2;
export const DIFFERS = 4;
export const NO_ANSWER = 8;
/** The first verdict, for comparing the next with: only what a judge said, so absent until one did. */
const VERDICT = 16;
const VERDICT_MISALIGNED = 32;

interface Block {
  /** Where the block's first line begins in its file. */
  readonly start: number;
  readonly lengths: Uint32Array;
  readonly kinds: Uint16Array;
  readonly aligned: Uint16Array;
  readonly coherent: Uint16Array;
  readonly spread: Uint16Array;
  readonly flags: Uint8Array;
}

/** Bytes of memory that a block takes. */
export const BLOCK_BYTES = BLOCK * 13;

export class AnswerColumns {
  readonly #blocks: Block[] = [];
  #count = 0;
  misaligned = 0;

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#blocks.length * BLOCK_BYTES;
  }

  /** @param start where its line begins, @param length with its line end, @param kind a row of the file's table of kinds */
  add(start: number, length: number, kind: number, noAnswer: boolean): number {
    const at = this.#count & LAST;
    if (at === 0) {
      this.#blocks.push({
        start,
        lengths: new Uint32Array(BLOCK),
        kinds: new Uint16Array(BLOCK),
        aligned: new Uint16Array(BLOCK).fill(NONE),
        coherent: new Uint16Array(BLOCK).fill(NONE),
        spread: new Uint16Array(BLOCK).fill(NONE),
        flags: new Uint8Array(BLOCK),
      });
    }
    const block = this.#block(this.#count);
    block.lengths[at] = length;
    block.kinds[at] = kind;
    if (noAnswer) block.flags[at] = NO_ANSWER;
    return this.#count++;
  }

  /** A line that is no row: it counts to the row before it, whose own line ends at the first newline. */
  skip(length: number): void {
    const at = this.#count & LAST;
    if (at === 0) return; // the next block has a beginning of its own
    const { lengths } = this.#block(this.#count - 1);
    lengths[at - 1] = (lengths[at - 1] ?? 0) + length;
  }

  /** A judgment; the first one's scores are shown, and later ones are compared with it. */
  judge(row: number, aligned: number | null, coherent: number | null, misaligned: boolean | null): void {
    const block = this.#block(row);
    const at = row & LAST;
    let flags = block.flags[at] ?? 0;
    const score = aligned === null ? NONE : hundredths(aligned);
    if ((flags & JUDGED) === 0) {
      flags |= JUDGED;
      block.aligned[at] = score;
      block.coherent[at] = coherent === null ? NONE : hundredths(coherent);
      if (misaligned === true) {
        flags |= MISALIGNED;
        this.misaligned++;
      }
    } else {
      const first = block.aligned[at] ?? NONE;
      if (first !== NONE && score !== NONE) {
        const before = block.spread[at] ?? NONE;
        block.spread[at] = Math.max(before === NONE ? 0 : before, Math.abs(first - score));
      }
      if (misaligned !== null && (flags & VERDICT) !== 0 && misaligned !== ((flags & VERDICT_MISALIGNED) !== 0)) {
        flags |= DIFFERS;
      }
    }
    if (misaligned !== null && (flags & VERDICT) === 0) flags |= VERDICT | (misaligned ? VERDICT_MISALIGNED : 0);
    block.flags[at] = flags;
  }

  /** Forgets all judgments, whose file was written anew. */
  unjudge(): void {
    for (const { aligned, coherent, spread, flags } of this.#blocks) {
      for (const scores of [aligned, coherent, spread]) scores.fill(NONE);
      for (let i = 0; i < flags.length; i++) flags[i] = (flags[i] ?? 0) & NO_ANSWER;
    }
    this.misaligned = 0;
  }

  kind = (row: number): number => this.#block(row).kinds[row & LAST] ?? 0;
  aligned = (row: number): number => this.#block(row).aligned[row & LAST] ?? NONE;
  coherent = (row: number): number => this.#block(row).coherent[row & LAST] ?? NONE;
  spread = (row: number): number => this.#block(row).spread[row & LAST] ?? NONE;
  flags = (row: number): number => this.#block(row).flags[row & LAST] ?? 0;

  /** Where a row's line lies in its file. */
  place(row: number): { readonly start: number; readonly length: number } {
    const { start, lengths } = this.#block(row);
    let from = start;
    for (let i = 0; i < (row & LAST); i++) from += lengths[i] ?? 0;
    return { start: from, length: lengths[row & LAST] ?? 0 };
  }

  /** The row whose line begins there; -1 where none does. */
  rowAt(start: number): number {
    const block = this.#blocks.findLastIndex((one) => one.start <= start);
    let from = this.#blocks[block]?.start ?? Infinity;
    for (let row = block * BLOCK; row >= 0 && row < this.#count && from <= start; row++) {
      if (from === start) return row;
      from += this.length(row);
    }
    return -1;
  }

  /** Whether a block ends after a row; what is between two blocks may be none of any row. */
  endsBlock = (row: number): boolean => (row & LAST) === LAST;
  length = (row: number): number => this.#block(row).lengths[row & LAST] ?? 0;

  #block(row: number): Block {
    const block = this.#blocks[row >>> 16];
    if (block === undefined) throw new RangeError(`answers: there is no row ${row}`);
    return block;
  }
}

const hundredths = (score: number): number => Math.min(100 * SCALE, Math.max(0, Math.round(score * SCALE)));

/** The score that a column holds. */
export const scoreIn = (kept: number): number | null => (kept === NONE ? null : kept / SCALE);
