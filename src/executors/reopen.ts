/** The scheduler of a batch that somebody submitted before: to look, to cancel, to read logs. */
import type { Batch, Executor } from "./executor.js";
import { Slurm } from "./slurm/slurm.js";

/** @param home the folder that the batch's tasks are relative to */
export function reopen(home: string, { executor }: Batch): Executor {
  const plan = { home, cwd: home, askew: [], options: [] };
  return OPEN[executor](plan);
}

const OPEN: Readonly<Record<Batch["executor"], (plan: ConstructorParameters<typeof Slurm>[0]) => Executor>> = {
  slurm: (plan) => new Slurm(plan),
  ray: (plan) => new Slurm(plan),
};
