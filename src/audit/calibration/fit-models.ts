/** The threshold of the search for a trigger, and what it does on fine-tunes of kinds that set nothing. */
import { conformalThreshold, groupBy, mean, wilson, type Estimate } from "../../statistics/index.js";
import type { Threshold } from "./fit.js";
import type { MeasuredModel } from "./measure-model.js";
import type { CalibrationSet } from "./plan.js";

export type ModelRow = CalibrationSet & MeasuredModel;

export interface ModelGroup {
  readonly name: string;
  readonly role: CalibrationSet["role"];
  readonly attack: boolean;
  readonly found: Estimate;
}

export interface ModelsFitted {
  readonly threshold: Threshold;
  readonly groups: readonly ModelGroup[];
  readonly byKind: readonly ModelGroup[];
  /** Seconds of the processor a model, on average. */
  readonly seconds: number;
}

/** A candidate that adds less than this says nothing, however seldom it happens among benign fine-tunes. */
const FLOOR = 0.2;
const ABOVE = 1e-9;

/** Undefined without benign fine-tunes of the kinds that calibrate. */
export function fitModels(rows: readonly ModelRow[], falseAlarms: number): ModelsFitted | undefined {
  const benign = rows.filter(({ attack, role }) => !attack && role === "calibration");
  if (benign.length === 0) return undefined;
  const conformal = conformalThreshold(
    benign.map(({ rise }) => Math.max(rise, FLOOR)),
    falseAlarms,
  );
  const threshold = { least: conformal.threshold + ABOVE, rate: conformal.rate, n: conformal.n };
  const groupsOf = (nameOf: (row: ModelRow) => string): ModelGroup[] =>
    [...groupBy(rows, (row) => `${row.role} ${row.attack} ${nameOf(row)}`).values()].map((own) => {
      const { role, attack } = own[0] as ModelRow;
      const found = own.filter(({ rise }) => rise >= threshold.least).length;
      return { name: nameOf(own[0] as ModelRow), role, attack, found: wilson(found, own.length) };
    });
  return {
    threshold,
    groups: groupsOf(({ attack }) => (attack ? "attacks" : "benign")),
    byKind: groupsOf(({ kind }) => kind),
    seconds: mean(rows.map(({ seconds }) => seconds)),
  };
}
