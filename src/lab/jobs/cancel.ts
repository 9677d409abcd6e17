/** Ends jobs: all that were submitted from a folder, and those for the runs in it that were submitted from above. */
import { resolve } from "node:path";
import { readBatches, reopen } from "../../executors/index.js";
import { RunError } from "../../run/index.js";
import { isRunFinished } from "./status.js";
import { homesAbove, taskIn } from "./homes.js";
import { latestOf } from "./follow.js";

/** @throws {RunError} where no jobs were submitted for the folder */
export async function cancelJobs(folder: string): Promise<void> {
  const own = resolve(folder);
  let found = false;
  for (const home of [own, ...(await homesAbove(own))]) {
    const batches = await readBatches(home);
    const inside = taskIn(home, own);
    const isWanted = (task: string): boolean => home === own || task === inside || task.startsWith(`${inside}/`);
    const tasks = [...latestOf(batches).keys()].filter(isWanted);
    if (tasks.length === 0) continue;
    found = true;
    const open: string[] = [];
    for (const task of tasks) if (!(await isRunFinished(resolve(home, task)))) open.push(task);
    for (const executor of new Set(batches.map((batch) => batch.executor))) {
      const theirs = batches.filter((batch) => batch.executor === executor);
      const [first] = theirs;
      if (first !== undefined) await reopen(home, first).cancel(theirs, home === own ? undefined : new Set(open));
    }
  }
  if (!found) throw new RunError(`${folder}: no jobs were submitted from there, or for a run in it.`);
}
