import { openModel } from "../model/index.js";
import { readPlannedStudy, runPlans, type RunOptions, type StudyPlan, type StudySummary } from "../study/index.js";

export interface RunStudyOptions extends Omit<RunOptions, "openModel"> {
  /** The study's folder: plain files, from which the same call carries on after a crash. */
  readonly out: string;
  /** To compute with; default all. */
  readonly threads?: number;
}

/**
 * Runs a study, models × conditions × seeds × questions, or carries on with it.
 *
 * @param study the path of a YAML file (docs/studies.md), or a plan, such as {@link reproducePlan} makes
 * @returns one summary for each model, in order
 * @throws {AskewError} for mistakes in the file, each with its line, and for a folder of another study;
 *   `options.signal`'s reason
 *
 * @example
 * import { reproducePlan, runStudy } from "askew";
 *
 * const plan = { ...reproducePlan({ conditions: ["base"], seeds: 1 }), questions: [{ set: "main", samples: 2 }] };
 * const [summary] = await runStudy(plan, { out: "runs/small" });
 * console.log(summary?.conditions.map(({ condition, metrics }) => [condition, metrics]));
 */
export async function runStudy(
  study: string | StudyPlan,
  { out, threads, ...options }: RunStudyOptions,
): Promise<StudySummary[]> {
  const plans = typeof study === "string" ? (await readPlannedStudy(study)).plans : [study];
  const how = threads === undefined ? {} : { threads };
  return runPlans(plans, out, { ...options, openModel: (name) => openModel(name, how) });
}
