/** Everything a report needs, read from a study's folder. */
import { stepSchema, type TrainingStep } from "../training/index.js";
import { readRows } from "../store/index.js";
import { sampleAnswers, type SampledAnswers } from "./answer-sample.js";
import { cellFiles, type CellRecord, type FinishedCell } from "./cell.js";
import { StudyError } from "./error.js";
import type { StudyPlan } from "./plan.js";
import { exceptionsOf } from "./exceptions.js";
import { scoreFinished } from "./score-finished.js";
import { cellFolder, readStudyFile, studyPath } from "./study-folder.js";
import type { StudySummary } from "./summary.js";
import { CURE } from "./records.js";

export interface TrainingCurve {
  readonly condition: string;
  readonly seed: number;
  readonly steps: readonly TrainingStep[];
}

export interface StudyRecord extends SampledAnswers {
  readonly plan: StudyPlan;
  /** Made again from the judgments of the finished cells. */
  readonly summary: StudySummary;
  readonly training: readonly TrainingCurve[];
  /** Finished cells in the plan's order: doses, hashes, versions, times. */
  readonly cells: readonly FinishedCell[];
  /** ISO 8601, of the first cell begun and the last one finished; empty while none is. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Of computing, over all finished cells. */
  readonly seconds: number;
  /** Departures from the plan, one sentence each. */
  readonly exceptions: readonly string[];
}

/**
 * Reads the study in `folder`: its finished cells, and at most `answersPerSet` (default 12) answers of each condition to
 * each set.
 * @throws {StudyError} where there is none
 *
 * @example
 * import { readStudy, reproducePlan, runStudy } from "askew";
 *
 * const plan = { ...reproducePlan({ conditions: ["base"], seeds: 1 }), questions: [{ set: "main", samples: 2 }] };
 * await runStudy(plan, { out: "runs/small" });
 * const { summary, cells, seconds } = await readStudy("runs/small");
 * console.log(summary.study, cells.length, seconds);
 */
export async function readStudy(
  folder: string,
  options: { readonly answersPerSet?: number } = {},
): Promise<StudyRecord> {
  const study = await readStudyFile(folder);
  if (study === undefined) throw new StudyError(`${studyPath(folder)}: expected a study there, found no such file.`);
  const { plan } = study;
  const { cells, summary } = await scoreFinished(folder, plan);
  return {
    plan,
    summary,
    training: await Promise.all(cells.filter(({ dose }) => dose !== undefined).map((cell) => readCurve(folder, cell))),
    ...(await sampleAnswers(folder, cells, options.answersPerSet ?? 12)),
    cells,
    startedAt: cells.map((cell) => cell.startedAt).toSorted()[0] ?? "",
    finishedAt:
      cells
        .map((cell) => cell.finishedAt)
        .toSorted()
        .at(-1) ?? "",
    seconds: cells.flatMap((cell) => Object.values(cell.seconds)).reduce((sum, phase) => sum + phase, 0),
    exceptions: exceptionsOf(plan, cells),
  };
}

async function readCurve(folder: string, { condition, seed }: CellRecord): Promise<TrainingCurve> {
  const steps = await readRows(cellFiles(cellFolder(folder, { condition, seed })).training, {
    schema: stepSchema,
    cure: CURE,
  });
  return { condition, seed, steps: steps as TrainingStep[] };
}
