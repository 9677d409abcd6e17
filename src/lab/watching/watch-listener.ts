/** Listeners to a watched fine-tune while it runs. */
import type { WatchRow } from "../../persona/index.js";
import type { TrainingStep } from "../../training/index.js";

export interface WatchListener {
  step(step: TrainingStep): void;
  row(row: WatchRow): void;
  alarm(row: WatchRow): void;
  /** Something worth a line. */
  keep(line: string): void;
  close(): void;
}

/** @param alarms whether an alarm can be given */
export type Listen = (steps: number, alarms: boolean) => WatchListener;
