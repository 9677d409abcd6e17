/** A series that several processes measure: each takes a part in a folder of its own, and the series takes them in. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, readJsonIfPresent, readRows } from "../store/index.js";

/** The measurements whose places, counted from 0, leave `index - 1` when they are divided by `of`. */
export interface SeriesPart {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

/** In a series' folder; each part of it is a folder in there. */
export const PARTS_FOLDER = "parts";

export const isInPart = (part: SeriesPart | undefined, place: number): boolean =>
  part === undefined || place % part.of === part.index - 1;

export interface MadePart<Row extends object> {
  readonly folder: string;
  readonly plan: unknown;
  readonly rows: readonly Row[];
}

/** The parts of the series in `folder` that have been begun, in the order of their names. */
export async function readParts<Row extends object>(
  folder: string,
  checks: NonNullable<Parameters<typeof readRows<Row>>[1]>,
): Promise<MadePart<Row>[]> {
  const home = join(folder, PARTS_FOLDER);
  const names = await readdir(home).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return [];
    throw error;
  });
  const parts: MadePart<Row>[] = [];
  for (const name of names.toSorted(inNumericalOrder)) {
    const own = join(home, name);
    const plan = await readJsonIfPresent(join(own, "plan.json"));
    if (plan !== undefined)
      parts.push({ folder: own, plan, rows: await readRows<Row>(join(own, "rows.jsonl"), checks) });
  }
  return parts;
}

const inNumericalOrder = new Intl.Collator("en", { numeric: true }).compare;

/** Rows of all parts in the order in which one process would have measured them. */
export function interleaved<Row extends object>(
  parts: readonly MadePart<Row>[],
): { readonly part: MadePart<Row>; readonly row: Row }[] {
  const longest = Math.max(0, ...parts.map(({ rows }) => rows.length));
  return Array.from({ length: longest }, (_, i) => i).flatMap((i) =>
    parts.flatMap((part) => part.rows.slice(i, i + 1).map((row) => ({ part, row }))),
  );
}
