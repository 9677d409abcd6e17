/** Rows of a result's file, as far as they are JSON objects; a result has few of them. */
import { GrowingLines } from "./growing-lines.js";
import { isObject, objectIn, usePlain } from "./plain-file.js";

export type Row = Readonly<Record<string, unknown>>;

const MOST_ROWS = 20_000;

export async function readResultRows(path: string): Promise<Row[]> {
  const rows: Row[] = [];
  await usePlain(path, (handle) =>
    new GrowingLines().read(handle, Infinity, (line) => {
      const row = rows.length < MOST_ROWS ? objectIn(line) : undefined;
      if (row !== undefined) rows.push(row);
    }),
  );
  return rows;
}

export interface PlainMetric {
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
}

/** A measured share or number; undefined where it is none. */
export function metricIn(value: unknown): PlainMetric | undefined {
  if (!isObject(value)) return undefined;
  const { estimate, low, high, n } = value;
  const isEnd = (end: unknown): end is number | null => end === null || Number.isFinite(end);
  if (!isEnd(estimate) || !isEnd(low) || !isEnd(high)) return undefined;
  return { estimate, low, high, n: typeof n === "number" ? n : 0 };
}

export const numberIn = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;

/** A number without an interval. */
export const alone = (key: string, estimate: number | undefined): Readonly<Record<string, PlainMetric>> =>
  estimate === undefined ? {} : { [key]: { estimate, low: null, high: null, n: 1 } };
