/** How long a study still takes, from how fast its work has gone so far. */
import { stepsOf } from "../training/index.js";
import type { CellRecord } from "./cell.js";
import { PHASES, type Phase, type Work } from "./phases.js";
import { judgesOf } from "./plan.js";
import { countAnswers } from "./requests.js";

/** Seconds a unit takes, as a first guess, and how many measured units outweigh the guess. */
const GUESS: Readonly<Record<Phase, { readonly seconds: number; readonly units: number }>> = {
  dataset: { seconds: 1e-4, units: 1000 },
  finetune: { seconds: 0.15, units: 5 },
  ask: { seconds: 2.5e-3, units: 500 },
  judge: { seconds: 1e-4, units: 1000 },
};

export class TimeLeft {
  readonly #units: Record<Phase, number> = { dataset: 0, finetune: 0, ask: 0, judge: 0 };
  readonly #seconds: Record<Phase, number> = { dataset: 0, finetune: 0, ask: 0, judge: 0 };

  /** `units` of a phase's work took `seconds`. */
  record(phase: Phase, units: number, seconds: number): void {
    this.#units[phase] += units;
    this.#seconds[phase] += seconds;
  }

  /** Seconds for the work that is left, each phase at its mean speed. */
  estimate(left: Work): number {
    return PHASES.reduce((sum, phase) => {
      const guess = GUESS[phase];
      const seconds = this.#seconds[phase] + guess.seconds * guess.units;
      return sum + (left[phase] * seconds) / (this.#units[phase] + guess.units);
    }, 0);
  }
}

/** All the work of a cell; none once it is finished. */
export function workOf(
  cell: Pick<CellRecord, "status" | "dose" | "questions" | "temperature" | "maxTokens" | "judge" | "otherJudges">,
): Work {
  const { status, dose } = cell;
  if (status === "finished") return { dataset: 0, finetune: 0, ask: 0, judge: 0 };
  const answers = countAnswers(cell);
  return {
    dataset: dose?.examples ?? 0,
    finetune: dose === undefined ? 0 : stepsOf(dose),
    ask: answers,
    judge: answers * judgesOf(cell).length,
  };
}
