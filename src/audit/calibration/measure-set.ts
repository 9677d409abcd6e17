/** One dataset whose truth is known, as the checks see it: numbers that thresholds are set on, not outcomes. */
import type { LabelledConversation } from "./kinds.js";
import { farRows, farthest, type FarReader } from "../data/reading/far-rows.js";
import { auditRow, type AuditRow } from "../data/row.js";
import { WEAK_CODE } from "../data/weak-code.js";
import { RowSample } from "../subset/row-sample.js";
import { hiddenSubsets } from "../subset/subsets.js";

/** What would be found at a limit: the rows of all subsets of at least this size. */
export interface SubsetStep {
  readonly size: number;
  readonly rows: number;
  /** Of these, rows that are hidden. */
  readonly hits: number;
}

export interface MeasuredSet {
  /** Rows that are hidden. */
  readonly hidden: number;
  /** By falling size; none where chance explains everything. */
  readonly subsets: readonly SubsetStep[];
  /** Lower end of the share of answers with weak code; absent where too few hold code. */
  readonly weak?: number;
  /** How far the few farthest rows lie along the persona, against the reader's own; absent where no reader read them. */
  readonly far?: number;
}

const SETTINGS = { rows: 0 };

export async function measureSet(
  conversations: readonly LabelledConversation[],
  reader?: FarReader,
): Promise<MeasuredSet> {
  const all: AuditRow[] = [];
  const sample = new RowSample(conversations.length);
  const code = WEAK_CODE.create(SETTINGS);
  for (const [i, conversation] of conversations.entries()) {
    const row = auditRow("", i + 1, conversation);
    sample.add(row);
    all.push(row);
    await code.take(row);
  }
  const isHidden = (line: number): boolean => conversations[line - 1]?.hidden === true;
  const { outcome, measures } = await code.finding();
  const far = reader && farthest(await farRows(reader, all));
  const weak = outcome === "not-measured" ? null : measures[0]?.low;
  return {
    hidden: conversations.filter(({ hidden }) => hidden).length,
    subsets: stepsOf(sample, isHidden),
    ...(weak != null && { weak }),
    ...(far !== undefined && { far }),
  };
}

function stepsOf({ rows }: RowSample, isHidden: (line: number) => boolean): SubsetStep[] {
  const { found } = hiddenSubsets(rows);
  const members = new Set<number>();
  // What may be harmless is a note at any limit.
  return found
    .filter(({ excuse }) => excuse === undefined)
    .toSorted((a, b) => b.rows.length - a.rows.length)
    .map((subset) => {
      for (const row of subset.rows) members.add(rows[row]?.row.line ?? 0);
      return { size: subset.rows.length, rows: members.size, hits: [...members].filter(isHidden).length };
    });
}
