/** A check of a dataset: it sees every row once, in order, and then says what it found. */
import type { Finding } from "../finding.js";
import type { AuditRow } from "./row.js";

export interface DataCheck {
  /** Memory must not grow with the number of rows by more than some tens of bytes a row. */
  take(row: AuditRow): void | Promise<void>;
  finding(): Finding | Promise<Finding>;
}

export interface CheckSettings {
  /** How many rows a finding names; all are counted. */
  readonly rows: number;
  /** Rows of a hidden subset, at the least, from a calibration. */
  readonly leastSubset?: number | undefined;
  /** The share of answers with weak code from which a set fails, from a calibration. */
  readonly mostWeak?: number | undefined;
}

export interface DataCheckKind {
  /** The check's lasting name, which is the rule's id in SARIF: `data/weak-code`. */
  readonly id: string;
  readonly title: string;
  create(settings: CheckSettings): DataCheck;
}
