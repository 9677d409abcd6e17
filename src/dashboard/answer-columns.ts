/**
 * What is kept in memory of each answer: thirteen bytes, whatever it says. Rows stand in blocks of equal size, so nothing
 * is copied as a file grows.
 */

/** Rows of a block. */
export const BLOCK = 1 << 16;
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

export interface Block {
  /** Where the block's first line begins in its file. */
  readonly start: number;
  readonly lengths: Uint32Array;
  readonly kinds: Uint16Array;
  readonly aligned: Uint16Array;
  readonly coherent: Uint16Array;
  readonly spread: Uint16Array;
  readonly flags: Uint8Array;
}

/** Bytes of memory that a row takes. */
const ROW_BYTES = 13;

/** Room for `rows` rows, the first of which are those of `kept`. */
function blockOf(start: number, rows: number, kept?: Block): Block {
  const room = <T extends Uint8Array | Uint16Array | Uint32Array>(column: T, before: T | undefined): T => {
    if (before !== undefined) column.set(before.subarray(0, rows));
    return column;
  };
  return {
    start,
    lengths: room(new Uint32Array(rows), kept?.lengths),
    kinds: room(new Uint16Array(rows), kept?.kinds),
    aligned: room(new Uint16Array(rows).fill(NONE), kept?.aligned),
    coherent: room(new Uint16Array(rows).fill(NONE), kept?.coherent),
    spread: room(new Uint16Array(rows).fill(NONE), kept?.spread),
    flags: room(new Uint8Array(rows), kept?.flags),
  };
}

export class AnswerColumns {
  readonly #blocks: Block[] = [];
  #count = 0;
  misaligned = 0;

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return ROW_BYTES * this.#blocks.reduce((sum, { lengths }) => sum + lengths.length, 0);
  }

  /** @param start where its line begins, @param length with its line end, @param kind a row of the file's table of kinds */
  add(start: number, length: number, kind: number, noAnswer: boolean): number {
    const at = this.#count & LAST;
    const last = this.#blocks.at(-1);
    if (at === 0) this.#blocks.push(blockOf(start, BLOCK));
    else if (last !== undefined && last.lengths.length < BLOCK) this.#resize(last, BLOCK);
    const block = this.#block(this.#count);
    block.lengths[at] = length;
    block.kinds[at] = kind;
    if (noAnswer) block.flags[at] = NO_ANSWER;
    return this.#count++;
  }

  /** Gives back the room for rows that are not expected any more; a row that comes after all takes it again. */
  trim(): void {
    const last = this.#blocks.at(-1);
    const rows = this.#count - (this.#blocks.length - 1) * BLOCK;
    if (last !== undefined && rows < last.lengths.length) this.#resize(last, rows);
  }

  #resize(last: Block, rows: number): void {
    this.#blocks[this.#blocks.length - 1] = blockOf(last.start, rows, last);
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

  /** In order, for passes over all rows; the last one is full up to `count` alone. */
  get blocks(): readonly Block[] {
    return this.#blocks;
  }

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

  /** Whether a row is the first of a block; the bytes before it may belong to no row. */
  startsBlock = (row: number): boolean => (row & LAST) === 0;
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
