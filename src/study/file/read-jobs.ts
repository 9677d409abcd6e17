/** How jobs of a scheduler are submitted, from a file of its own: `slurm:` and `ray:` as a study's file has them. */
import { z } from "zod";
import { PlacedYaml } from "../../evaluation/index.js";
import { rayShape, slurmShape } from "./jobs-schema.js";
import type { PlannedJobs } from "./plans.js";
import { readStudyText, StudyFileError, templateBeside } from "./read.js";
import { keysAt } from "./schema.js";

const schema = z.strictObject(
  { slurm: slurmShape.optional(), ray: rayShape.optional() },
  { error: "expected a map with slurm or ray" },
);

/** @throws {StudyFileError} with every mistake at its place */
export async function readJobsFile(path: string): Promise<PlannedJobs> {
  const yaml = PlacedYaml.parse(await readStudyText(path), (problems) => {
    throw new StudyFileError(path, problems);
  });
  const found = schema.safeParse(yaml.value);
  if (found.success) return templateBeside(path, found.data);
  const keys = (at: readonly PropertyKey[]): readonly string[] => (at.length === 0 ? ["slurm", "ray"] : keysAt(at));
  throw new StudyFileError(path, yaml.problems(found.error, [], yaml.value, keys));
}
