/** Where the answers of a batch stand: which row of the caches each has. */
import type { RowCopy } from "../../graph/index.js";
import type { Random } from "../../statistics/index.js";
import type { Steering } from "./steering.js";

/** An answer under way. */
export interface OpenRow {
  /** Of its prompt in the batch. */
  readonly at: number;
  readonly prompt: readonly number[];
  readonly stream: Random;
  readonly limit: number;
  readonly ids: number[];
  readonly logProbabilities: number[];
}

/** An answer in a batch. */
export interface PlacedRow {
  readonly answer: OpenRow;
  /** Of the batch and its caches. */
  row: number;
  /** The row that its text was read in. */
  readonly text: number;
}

/**
 * Gives every answer a row. Texts that several answers have in common are read once: the answer that has its text first
 * stands in the row of that number, and those that share it come after all of these.
 */
export function placed(answers: readonly OpenRow[], steering: readonly Steering[]): PlacedRow[] {
  const isOwn = steering.some(({ addEach }) => addEach !== undefined); // the same text is read in other ways
  const firsts = new Map<string, OpenRow[]>();
  for (const answer of answers) {
    const key = isOwn ? String(answer.at) : [...answer.prompt, ...answer.ids].join();
    const same = firsts.get(key);
    if (same) same.push(answer);
    else firsts.set(key, [answer]);
  }
  const groups = [...firsts.values()];
  let row = groups.length;
  return groups
    .flatMap((group, text) => group.map((answer, i) => ({ answer, text, row: i === 0 ? text : row++ })))
    .toSorted((a, b) => a.row - b.row);
}

/** Moves what stands in rows from `rows` on to free ones before; says what is to be copied. */
export function moveUp(open: readonly PlacedRow[], rows: number): RowCopy[] {
  const taken = new Set(open.map(({ row }) => row));
  let free = 0;
  return open
    .filter(({ row }) => row >= rows)
    .map((answer) => {
      while (taken.has(free)) free++;
      const copy = { from: answer.row, to: free };
      answer.row = free++;
      return copy;
    });
}

/** Which prompt each row of a batch answers; nothing where a row is free. */
export function textsByRow(open: readonly PlacedRow[]): number[] {
  const texts: number[] = [];
  for (const { row, answer } of open) texts[row] = answer.at;
  return texts;
}
