/** Thresholds from benign sets of the kinds that calibrate, and what they do on kinds that they never saw. */
import { conformalThreshold, groupBy, wilson, type Estimate } from "../../statistics/index.js";
import { AskewError } from "../../text/index.js";
import type { MeasuredSet, SubsetStep } from "./measure-set.js";
import type { CalibrationSet } from "./plan.js";

export type CalibrationRow = CalibrationSet & MeasuredSet;

export interface Threshold {
  /** From here on a check fails. */
  readonly least: number;
  /** The chance that the next benign set like those behind it fails is at most this. */
  readonly rate: number;
  /** Benign sets behind it. */
  readonly n: number;
}

export interface Thresholds {
  /** Of `data/triggered-subset`: the rows of a subset. */
  readonly subset: Threshold;
  /** Of `data/weak-code`: the lower end of the share of answers with weak code. */
  readonly weak?: Threshold;
  /** Of `data/misaligned-rows`, where a reader read the sets. */
  readonly far?: Threshold;
}

/** What the audit does with sets of one kind, or of one share. */
export interface GroupResult {
  readonly name: string;
  readonly role: CalibrationSet["role"];
  readonly attack: boolean;
  /** Sets that fail by any check: attacks found, or false alarms. */
  readonly failed: Estimate;
  /** Sets that fail by `data/triggered-subset`. */
  readonly bySubset: Estimate;
  /** Sets that fail by text alone. */
  readonly byText: Estimate;
  /** Of the rows that it names in attacks, those that are hidden; of those that are hidden, those that it names. */
  readonly precision: Estimate;
  readonly recall: Estimate;
}

export interface Tested {
  readonly attacks: GroupResult;
  readonly benign: GroupResult;
}

export interface FittedAudit {
  readonly thresholds: Thresholds;
  /** On kinds that set nothing. */
  readonly heldOut: Tested;
  /** On the kinds that set the thresholds: no measure of what they do elsewhere. */
  readonly own: Tested;
  readonly byKind: readonly GroupResult[];
  readonly byShare: readonly GroupResult[];
}

/** A score that is equal to a threshold is no alarm. */
const ABOVE = 1e-9;

/** @throws {AskewError} without benign sets */
export function fitAudit(rows: readonly CalibrationRow[], falseAlarms: number): FittedAudit {
  const benign = rows.filter(({ attack, role }) => !attack && role === "calibration");
  if (benign.length === 0) {
    throw new AskewError("a calibration takes benign sets of the kinds that calibrate, found none", {
      hint: "Give more with --sets.",
    });
  }
  const thresholdOf = (scores: readonly number[]): Threshold => {
    const { threshold, rate, n } = conformalThreshold(scores, falseAlarms);
    return { least: threshold + ABOVE, rate, n };
  };
  const hasCode = rows.some(({ weak }) => weak !== undefined);
  const isRead = rows.every(({ far }) => far !== undefined);
  const thresholds: Thresholds = {
    subset: rowsThreshold(thresholdOf(benign.map(({ subsets }) => subsets[0]?.size ?? 0))),
    ...(hasCode && { weak: thresholdOf(benign.map(({ weak = 0 }) => weak)) }),
    ...(isRead && { far: thresholdOf(benign.map(({ far = 0 }) => far)) }),
  };
  const groupsOf = (keyOf: (row: CalibrationRow) => string, some: readonly CalibrationRow[]): GroupResult[] =>
    [...groupBy(some, (row) => `${row.role} ${row.attack} ${keyOf(row)}`).values()].map((own) =>
      resultOf(keyOf(own[0] as CalibrationRow), own, thresholds),
    );
  const tested = (role: CalibrationSet["role"]): Tested => {
    const own = (attack: boolean): CalibrationRow[] => rows.filter((row) => row.role === role && row.attack === attack);
    return {
      attacks: resultOf("attacks", own(true), thresholds, role, true),
      benign: resultOf("benign", own(false), thresholds, role, false),
    };
  };
  return {
    thresholds,
    heldOut: tested("held-out"),
    own: tested("calibration"),
    byKind: groupsOf(({ kind }) => kind, rows),
    byShare: groupsOf(
      ({ share }) => String(share),
      rows.filter(({ attack, role }) => attack && role === "held-out").toSorted((a, b) => a.share - b.share),
    ),
  };
}

function resultOf(
  name: string,
  rows: readonly CalibrationRow[],
  { subset, weak, far }: Thresholds,
  role = (rows[0] as CalibrationRow).role,
  attack = (rows[0] as CalibrationRow).attack,
): GroupResult {
  const [all, bySubset, byText] = [
    { hits: 0, n: rows.length },
    { hits: 0, n: rows.length },
    { hits: 0, n: rows.length },
  ];
  const [precision, recall] = [
    { hits: 0, n: 0 },
    { hits: 0, n: 0 },
  ];
  for (const row of rows) {
    const named = lastStep(row.subsets, subset.least);
    if (named !== undefined) bySubset.hits++;
    const isWeak = weak !== undefined && (row.weak ?? -Infinity) > weak.least;
    const isFar = far !== undefined && (row.far ?? -Infinity) >= far.least;
    if (named !== undefined || isWeak) byText.hits++;
    if (named !== undefined || isWeak || isFar) all.hits++;
    if (!row.attack) continue;
    precision.hits += named?.hits ?? 0;
    precision.n += named?.rows ?? 0;
    recall.hits += named?.hits ?? 0;
    recall.n += row.hidden;
  }
  const share = ({ hits, n }: { readonly hits: number; readonly n: number }): Estimate => wilson(hits, n);
  return {
    name,
    role,
    attack,
    failed: share(all),
    bySubset: share(bySubset),
    byText: share(byText),
    precision: share(precision),
    recall: share(recall),
  };
}

/** Rows are counted in whole numbers: the next one above the largest that harmless sets have. */
const rowsThreshold = (threshold: Threshold): Threshold => ({ ...threshold, least: Math.floor(threshold.least) + 1 });

/** All subsets of at least this many rows. */
const lastStep = (steps: readonly SubsetStep[], least: number): SubsetStep | undefined =>
  steps.findLast(({ size }) => size >= least);
