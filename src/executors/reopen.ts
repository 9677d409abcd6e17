/** The scheduler of a batch that somebody submitted before: to look, to cancel, to read logs. */
import type { Batch, Executor } from "./executor.js";
import { Ray } from "./ray/ray.js";
import { rayAddress } from "./ray/settings.js";
import { Slurm } from "./slurm/slurm.js";

/**
 * @param home the folder that the batch's tasks are relative to
 * @throws {ExecutorError} where the folder alone names an address
 */
export function reopen(home: string, { executor, address }: Batch): Executor {
  const plan = { home, cwd: home, askew: [], options: [] };
  return executor === "slurm" ? new Slurm(plan) : Ray.reopen(plan, rayAddress(address));
}
