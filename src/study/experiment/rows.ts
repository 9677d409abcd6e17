/** What an experiment keeps of a measurement, and what it is called. */
import { plannedSets } from "../../evaluation/index.js";
import type { MeasuredAnswer } from "../../persona/index.js";
import type { SeriesRow } from "../../run/index.js";
import type { Arm, Candidate, Point } from "./experiment.js";
import type { Readings } from "./readings.js";

/** One line of `rows.jsonl`; its answers are in `answers/ID.jsonl`. */
export interface ExperimentRow extends SeriesRow {
  readonly arm: string;
  readonly seed: number;
  /** Which of several candidates made the arm, or was tried for it. */
  readonly candidate?: string;
  /** Of a candidate that was tried on development questions, not measured. */
  readonly trial?: boolean;
  readonly readings: Readings;
  /** Wall-clock of asking, judging and reading; what made the model is not in it. */
  readonly seconds: number;
}

export interface Measurement {
  readonly row: ExperimentRow;
  readonly answers: readonly MeasuredAnswer[];
}

export const rowId = (arm: Pick<Arm, "id">, seed: number, point: number): string => `${arm.id}-${seed}-${point}`;
/** Who a candidate was tried for: an arm, or several that choose together. */
export const trialName = (arm: Pick<Arm, "id" | "choice">): string => arm.choice?.name ?? arm.id;
export const trialId = (arm: Pick<Arm, "id" | "choice">, candidate: string): string =>
  `trial-${trialName(arm)}-${candidate}`;

/** An arm as it stands in the plan: everything that decides its numbers. */
export const armPlan = ({ id, making, candidates, choice, trained, points }: Arm): object => ({
  id,
  ...(making && { making: making.recipe }),
  ...(candidates && { candidates: candidates.map(candidatePlan) }),
  ...(choice && { choice: { name: choice.name, about: choice.about, asked: plannedSets(choice.asked) } }),
  ...(trained && { trained }),
  points: points.map(({ curve, at, step, asked, how }: Point) => ({
    curve,
    at,
    ...(step !== undefined && { step }),
    asked: plannedSets(asked),
    ...(how && { how: JSON.parse(JSON.stringify(how)) as object }),
  })),
});

const candidatePlan = ({ id, making, trial }: Candidate): object => ({
  id,
  making: making.recipe,
  ...(trial && { trial: trial.recipe }),
});
