/** Another model that teaches, for experiments that have one. */
import { openModel, requireOpenWeights } from "../../model/index.js";
import { StudyError } from "../error.js";
import type { RunOptions } from "../run-cell.js";
import type { Experiment } from "./experiment.js";
import type { Setting } from "./setting.js";

/** The setting with the model that is named as the teacher, opened; the caller closes it. */
export async function withTeacher(
  setting: Setting,
  { name, needs = [] }: Pick<Experiment, "name" | "needs">,
  { teacher, openModel: open = openModel }: Pick<RunOptions, "openModel"> & { readonly teacher?: string | undefined },
): Promise<Setting> {
  if (teacher === undefined) return setting;
  if (!needs.includes("numbers")) throw new StudyError(`${name} has no teacher. Leave it out.`);
  return { ...setting, teacher: requireOpenWeights(await open(teacher), `the experiment ${name}`) };
}
