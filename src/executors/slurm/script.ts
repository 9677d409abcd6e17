/** The batch script of an array of jobs: the user's template, and after it one line that carries a folder on. */
import { shellWord } from "../../text/index.js";
import type { JobPlan } from "../executor.js";

/** @param list the file with the folder of task N on line N + 1 */
export function scriptOf(
  { askew, options }: Pick<JobPlan, "askew" | "options">,
  list: string,
  template = "#!/bin/bash\n",
): string {
  const threads = options.includes("--threads") ? "" : ' ${SLURM_CPUS_PER_TASK:+--threads "$SLURM_CPUS_PER_TASK"}';
  return `${template.replace(/\r\n/g, "\n").trimEnd()}

# Below is askew's part: a task carries on the folder that its line of the list names.
folder=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" ${shellWord(list)})
[ -n "$folder" ] || { echo "askew: found no line $((SLURM_ARRAY_TASK_ID + 1)) in" ${shellWord(list)} >&2; exit 2; }
exec ${askew.map(shellWord).join(" ")} run "$folder" ${options.map(shellWord).join(" ")}${threads}
`;
}
