/**
 * What judges found in the answers of one kind (a model's answers to one question), counted as they are read: all that a
 * comparison needs, and the same counts that a study's summary is made from.
 */
import { scoresOfRow, type JudgedScores, type Measure } from "../evaluation/index.js";
import { countScores, emptyTally } from "../statistics/index.js";
import { measuresFor } from "../study/index.js";
import { isText } from "./plain-file.js";

/** Bytes of memory that the counts of one kind take, roughly. */
export const KIND_BYTES = 400;

export class KindCounts {
  readonly counts = emptyTally();
  readonly hits: Record<string, number> = {};
  readonly measures: readonly Measure[];

  /** @param set the question set, which says what its answers are measured by */
  constructor(set: string, judge: unknown) {
    this.measures = measuresFor(set, isText(judge) ? judge : "");
  }

  add(row: Readonly<Record<string, unknown>>, scores: ReturnType<typeof scoresOfRow>): void {
    countScores(this.counts, isVerdictAlone(row) ? VERDICTS[`${row["misaligned"] === true}`] : scores);
    const said = scores.refusal === true ? { ...row, refusal: true } : row;
    for (const { name, isHit } of this.measures) {
      if (isHit?.(said as unknown as JudgedScores) === true) this.hits[name] = (this.hits[name] ?? 0) + 1;
    }
  }
}

/** Some files hold whether an answer is misaligned, and no scores. */
const isVerdictAlone = (row: Readonly<Record<string, unknown>>): boolean =>
  typeof row["misaligned"] === "boolean" && !("aligned" in row) && !("coherent" in row);

const VERDICTS = { true: { aligned: 0, coherent: 100 }, false: { aligned: 100, coherent: 100 } } as const;
