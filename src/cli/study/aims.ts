/** The aims of a study and their outcomes; only `askew reproduce` has aims. */
import type { AimOutcome } from "../../report/index.js";
import { REPRODUCE_AIMS, reproducePlan, type StudySummary } from "../../study/index.js";

export async function aimsOf(summary: StudySummary): Promise<AimOutcome[]> {
  if (summary.study !== reproducePlan().study) return [];
  const { aimOutcomes } = await import("../../report/index.js");
  return aimOutcomes(summary, REPRODUCE_AIMS);
}
