/** What a running study tells whoever watches it. */
import type { Metrics } from "../evaluation/index.js";
import type { Phase, Work } from "./phases.js";
import type { StudySummary } from "./summary.js";

export interface CellKey {
  /** Of an experiment, the name of the arm. */
  readonly condition: string;
  readonly seed: number;
}

export type StudyEvent =
  | {
      readonly type: "study-started";
      readonly folder: string;
      /** All cells, in the order they are made, with the work left in each. */
      readonly cells: readonly (CellKey & { readonly finished: boolean; readonly work: Work })[];
    }
  | ({ readonly type: "cell-started"; readonly cell: number; readonly cells: number } & CellKey)
  | ({ readonly type: "phase-started"; readonly phase: Phase; readonly done: number; readonly total: number } & CellKey)
  | ({
      readonly type: "progress";
      readonly phase: Phase;
      readonly done: number;
      readonly total: number;
      /** Of the last training step. */
      readonly loss?: number;
      /** Until all cells of this run are finished. */
      readonly secondsLeft: number;
    } & CellKey)
  | ({
      readonly type: "cell-finished";
      readonly seconds: number;
      /** Of this cell alone, by question set. */
      readonly metrics: Readonly<Record<string, Metrics>>;
    } & CellKey)
  | { readonly type: "study-finished"; readonly seconds: number; readonly summary?: StudySummary };
