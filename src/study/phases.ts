/** The phases that a cell goes through, and who hears of them. */

/** The phases of a cell in their order. `finetune` counts steps, `ask` and `judge` answers, `dataset` examples. */
export const PHASES = ["dataset", "finetune", "ask", "judge"] as const;
export type Phase = (typeof PHASES)[number];

/** Units of work by phase. */
export type Work = Readonly<Record<Phase, number>>;

/** Hears of each piece of work as it is done. */
export interface PhaseWatcher {
  started(phase: Phase, done: number, total: number): void;
  progress(progress: PhaseProgress): void;
}

export interface PhaseProgress {
  readonly phase: Phase;
  readonly done: number;
  readonly total: number;
  /** So much of it was worked on, and took so long, since the last call. */
  readonly units: number;
  readonly seconds: number;
  /** Of the last training step. */
  readonly loss?: number;
}
