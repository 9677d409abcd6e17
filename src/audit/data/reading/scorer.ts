/** What a model that reads answers says of each: a number that is higher the more of something a row would teach. */
import type { World } from "../../../world/index.js";
import type { AuditRow } from "../row.js";

/** From where on a set fails; empty where nothing is known. */
export type ScoreBounds = NonNullable<World["readerBounds"]>["shift"];

export interface RowScorer {
  readonly check: string;
  readonly title: string;
  /** `shift along the persona`, as measures name it. */
  readonly quantity: string;
  /** `in lengths of the direction`; printed beside the mean. */
  readonly unit: string;
  /** Who reads. */
  readonly readers: string;
  /** Why a row with a high score is named. */
  readonly why: string;
  /** What a set that fails does, and one that passes does not: `lie further along the persona`. */
  readonly failing: string;
  readonly limits: string;
  readonly thresholds: ScoreBounds;
  /** In the rows' order; undefined for a row that the reader cannot read. */
  scores(rows: readonly AuditRow[]): Promise<(number | undefined)[]>;
}

const ROWS_AT_ONCE = 64;

/** Reads rows in portions, so that no more than a portion's activations are in memory. */
export async function inPortions<T>(
  rows: readonly AuditRow[],
  read: (portion: readonly AuditRow[]) => Promise<T[]>,
): Promise<T[]> {
  const scores: T[] = [];
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    scores.push(...(await read(rows.slice(from, from + ROWS_AT_ONCE))));
  }
  return scores;
}
