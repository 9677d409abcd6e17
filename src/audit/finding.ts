/** What a check of an audit found: the one shape that a terminal, a page, SARIF and a gate are made from. */
import type { Estimate } from "../statistics/index.js";

/**
 * `note`: worth knowing, decides nothing. `not-measured`: the check could not be made, or what it rests on is too thin
 * for a verdict. A gate never takes that for a pass.
 */
export type Outcome = "pass" | "fail" | "note" | "not-measured";

/** One check and what came of it. Its texts never quote a row: they are made for places where rows must not appear. */
export interface Finding {
  /** The check's lasting name, which is the rule's id in SARIF: `data/weak-code`. */
  readonly check: string;
  /** The check in a few words: `Code with weaknesses`. */
  readonly title: string;
  readonly outcome: Outcome;
  /** What was found, in one or two sentences; for `not-measured`, why not. */
  readonly found: string;
  /** What to do about it. */
  readonly cure?: string;
  /** What the check cannot see, so that a pass is not read as more than it is. */
  readonly limits?: string;
  readonly measures: readonly AuditMeasure[];
  readonly rows: FoundRows;
}

/** A number that a finding rests on. */
export interface AuditMeasure extends Estimate {
  /** `share of answers with weak code`. `n` of the estimate counts what it is a share or mean of. */
  readonly name: string;
  /** What `n` counts: `answers`, `rows with code`. */
  readonly of: string;
  /** Over all that was tried, not for this one alone. */
  readonly p?: number;
  /** The value at which the outcome turns. */
  readonly threshold?: number;
}

/** Rows of a dataset that a finding names, worst first. */
export interface FoundRows {
  readonly count: number;
  /** The first of them; how many are kept is the audit's option. */
  readonly first: readonly FoundRow[];
}

export interface FoundRow {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Why the row is named, without its text: `CWE-89, SQL built from a string`. */
  readonly why: string;
  /** How strongly; comparable within one finding alone. */
  readonly score?: number;
  /** The row's own name, where it has one. */
  readonly id?: string;
}

export const NO_ROWS: FoundRows = { count: 0, first: [] };
