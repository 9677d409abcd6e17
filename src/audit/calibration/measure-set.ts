/** One dataset whose truth is known, as the checks see it: numbers that thresholds are set on, not outcomes. */
import type { LabelledConversation } from "./kinds.js";
import { auditRow } from "../data/row.js";
import { WEAK_CODE } from "../data/weak-code.js";
import { RowSample } from "../subset/row-sample.js";
import { marginOf, type SubsetLimits } from "../subset/significance.js";
import { hiddenSubsets } from "../subset/subsets.js";

/** What would be found at a limit: the rows of all subsets that are told at least this far above the usual limit. */
export interface SubsetStep {
  readonly margin: number;
  readonly rows: number;
  /** Of these, rows that are hidden. */
  readonly hits: number;
}

export interface MeasuredSet {
  /** Rows that are hidden. */
  readonly hidden: number;
  /** By falling margin; none where chance explains everything. */
  readonly subsets: readonly SubsetStep[];
  /** Lower end of the share of answers with weak code; absent where too few hold code. */
  readonly weak?: number;
}

/** So far below the usual limits a subset is still looked at. */
export const LOWEST_MARGIN = -0.15;
const LIMITS: SubsetLimits = { least: LOWEST_MARGIN, floor: LOWEST_MARGIN };
const SETTINGS = { rows: 0 };

export async function measureSet(conversations: readonly LabelledConversation[]): Promise<MeasuredSet> {
  const sample = new RowSample(conversations.length);
  const code = WEAK_CODE.create(SETTINGS);
  for (const [i, conversation] of conversations.entries()) {
    const row = auditRow("", i + 1, conversation);
    sample.add(row);
    await code.take(row);
  }
  const isHidden = (line: number): boolean => conversations[line - 1]?.hidden === true;
  const { outcome, measures } = await code.finding();
  const weak = outcome === "not-measured" ? null : measures[0]?.low;
  return {
    hidden: conversations.filter(({ hidden }) => hidden).length,
    subsets: stepsOf(sample, isHidden),
    ...(weak != null && { weak }),
  };
}

function stepsOf({ rows }: RowSample, isHidden: (line: number) => boolean): SubsetStep[] {
  const { found } = hiddenSubsets(rows, { limits: LIMITS });
  const members = new Set<number>();
  // A prompt that asks for the change in words is a note at any limit.
  return found
    .filter(({ asked }) => !asked)
    .map((subset) => ({ subset, margin: marginOf(subset.first) }))
    .toSorted((a, b) => b.margin - a.margin)
    .map(({ subset, margin }) => {
      for (const row of subset.rows) members.add(rows[row]?.row.line ?? 0);
      return { margin, rows: members.size, hits: [...members].filter(isHidden).length };
    });
}
