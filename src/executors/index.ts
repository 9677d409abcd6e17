/** Runs that start somewhere else: batches of folders, handed to a scheduler and found again. */
export { JOBS_FOLDER, readBatches, submitBatch } from "./batches.js";
export { ExecutorError } from "./error.js";
export { EXECUTORS, type Batch, type Executor, type ExecutorName, type JobPlan, type TaskView } from "./executor.js";
export { reopen } from "./reopen.js";
export { Ray } from "./ray/ray.js";
export { Slurm } from "./slurm/slurm.js";
