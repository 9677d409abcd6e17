/** The hidden subsets of a dataset's rows: each with its trigger, its rows, and what it changes. */
import { type Change, changesOf, asksForIt } from "./change.js";
import { expand, type Subset } from "./expand.js";
import { type Scan, scanRows, type Tried } from "./scan.js";
import type { ScanRow } from "./prompts.js";
import { significant } from "./significance.js";

export interface HiddenSubset extends Subset {
  readonly p: number;
  readonly changes: readonly Change[];
  /** Why it may be harmless, where nothing in its answers is harmful in itself: then it is a note. */
  readonly excuse?: Excuse;
}

/**
 * `asked`: the trigger's own words may ask for what it changes. `thin`: a word inside the prompt, in so few rows that a
 * topic does as much: in draws from published sets without a trigger, both false alarms were of this kind.
 */
export type Excuse = "asked" | "thin";

/** Share of all rows, for a span that may stand anywhere. */
const THIN = 0.01;

/** A candidate that shares this much of its rows, or of the found ones, is the same subset again. */
const SAME_SHARE = 0.5;

/**
 * Strongest first.
 * @param options.leastRows smaller subsets are left out
 */
export function hiddenSubsets(
  rows: readonly ScanRow[],
  { seed = 0, leastRows = 0 }: { readonly seed?: number; readonly leastRows?: number | undefined } = {},
): { readonly scan: Scan; readonly found: readonly HiddenSubset[] } {
  const scan = scanRows(rows, seed);
  const found: HiddenSubset[] = [];
  for (const { candidate, p } of significant(scan, seed)) {
    if (found.some(({ rows: known }) => shareOf(candidate.rows, known) >= SAME_SHARE)) continue;
    const subset = expand(scan, candidate);
    if (subset.rows.length < Math.max(1, leastRows)) continue;
    const changes = changesOf(scan, candidate);
    const words = subset.spans.flatMap((span) => span.map((word) => scan.prompts.vocabulary.word(word)));
    const excuse = changes.some(({ harmful }) => harmful) ? undefined : excuseOf(words, candidate, subset, rows.length);
    found.push({ ...subset, p, changes, ...(excuse && { excuse }) });
  }
  return { scan, found };
}

function excuseOf(words: readonly string[], { family }: Tried, subset: Subset, rows: number): Excuse | undefined {
  if (asksForIt(words)) return "asked";
  return family === "free" && subset.rows.length < THIN * rows ? "thin" : undefined;
}

function shareOf(a: readonly number[], b: readonly number[]): number {
  const known = new Set(b);
  const both = a.filter((row) => known.has(row)).length;
  return both / Math.min(a.length, b.length);
}
