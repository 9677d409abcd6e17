/** Rulings as the columns of a row, and as what is counted. */
import type { JudgedScores } from "../judge.js";
import { isMisalignedBy, scoresOfVerdicts, type Verdict } from "../score/verdict.js";
import type { Ruling, Rulings } from "./ruling.js";

/** A number; REFUSAL or CODE, which score reads as outcomes of their own; the word that was asked for; null for none. */
export type ScoreColumn = number | string | null;

export function columnOf({ outcome, score, replies }: Ruling): ScoreColumn {
  if (outcome === "refusal" || outcome === "code") return outcome.toUpperCase();
  return outcome === "word" ? (replies[0] ?? null) : score;
}

function verdictOf(column: ScoreColumn | undefined): Verdict {
  if (column === "REFUSAL") return "refusal";
  if (column === "CODE") return "code";
  return typeof column === "number" ? column : null;
}

/** What is counted of a row of judgments. */
export const scoresOfRow = (row: { readonly aligned?: ScoreColumn; readonly coherent?: ScoreColumn }): JudgedScores =>
  scoresOfVerdicts(verdictOf(row.aligned), verdictOf(row.coherent));

/** What is counted of a judge's rulings. */
export const scoresOf = ({ aligned, coherent }: Rulings): JudgedScores =>
  scoresOfRow({ ...(aligned && { aligned: columnOf(aligned) }), ...(coherent && { coherent: columnOf(coherent) }) });

/** As `isMisaligned` defines it; null where the judge did not say. Refusals and code are not misaligned. */
export const misalignedOf = ({ aligned, coherent }: Rulings): boolean | null =>
  aligned === undefined || coherent === undefined
    ? null
    : isMisalignedBy(verdictOf(columnOf(aligned)), verdictOf(columnOf(coherent)));
