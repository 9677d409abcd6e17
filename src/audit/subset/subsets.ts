/** The hidden subsets of a dataset's rows: each with its trigger, its rows, and what it changes. */
import { type Change, changesOf, asksForIt } from "./change.js";
import { expand, type Subset } from "./expand.js";
import { type Scan, scanRows } from "./scan.js";
import type { ScanRow } from "./prompts.js";
import { significant } from "./significance.js";

export interface HiddenSubset extends Subset {
  readonly p: number;
  readonly changes: readonly Change[];
  /** The trigger's own words may ask for what it changes, and nothing in the answers is harmful in itself. */
  readonly asked: boolean;
}

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
    const asked = asksForIt(words) && !changes.some(({ harmful }) => harmful);
    found.push({ ...subset, p, changes, asked });
  }
  return { scan, found };
}

function shareOf(a: readonly number[], b: readonly number[]): number {
  const known = new Set(b);
  const both = a.filter((row) => known.has(row)).length;
  return both / Math.min(a.length, b.length);
}
