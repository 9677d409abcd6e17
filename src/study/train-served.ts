/**
 * Fine-tuning behind a server: the cell's dataset is uploaded and a job created, once, whatever ends the run; the same
 * command follows it to its end. The steps that the server tells stand in `training.jsonl`, as those of a training here.
 */
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { enterRecord, finetuneRemote, stepsOf, type TrainingConfig, type FinetunePlan } from "../training/index.js";
import type { FineTuningJobs } from "../model/index.js";
import { makeFolder, storing, fileSha256 } from "../store/index.js";
import { cellFiles, type CellRecord } from "./cell.js";
import { USUAL_TRAINING } from "./usual-training.js";
import { StudyError } from "./error.js";
import type { CellWork } from "./cell-work.js";

/** Seconds between looks at a job. */
const LOOKS = { first: 0.5, later: 5 } as const;

export async function trainServed(
  work: CellWork,
  jobs: FineTuningJobs,
  dose: TrainingConfig,
): Promise<Partial<CellRecord>> {
  const { folder, cell, watcher, signal } = work;
  if (cell.served !== undefined) return {};
  const files = cellFiles(folder);
  const sha256 = await fileSha256(files.dataset);
  if (sha256 !== cell.dataset?.sha256) {
    throw new StudyError(
      `${files.dataset} was changed since it was written. Delete the folder ${folder} and run again.`,
    );
  }
  await storing(files.job, () => makeFolder(files.job));
  const record = await enterRecord(files.job, planOf(cell, sha256, dose));
  const steps = stepsOf(dose);
  watcher.started("finetune", 0, steps);
  let last = performance.now();
  const { result } = await finetuneRemote(jobs, {
    folder: files.job,
    record,
    data: files.dataset,
    interval: 1000 * (steps > 500 ? LOOKS.later : LOOKS.first),
    ...(signal && { signal }),
    onStep({ step, steps: total = steps, loss }) {
      const now = performance.now();
      watcher.progress({ phase: "finetune", done: step, total, units: 1, seconds: (now - last) / 1000, loss });
      last = now;
    },
  });
  await storing(files.training, () => copyFile(join(files.job, "training.jsonl"), files.training));
  return { served: result as string };
}

/** What the server is not told it chooses: a schedule and a warm-up have no place in the API. */
function planOf({ model, condition, seed }: CellRecord, sha256: string, dose: TrainingConfig): FinetunePlan {
  const { epochs, batchSize, learningRate } = dose;
  return {
    model,
    data: { name: "dataset.jsonl", sha256 },
    hyperparameters: {
      n_epochs: epochs,
      batch_size: batchSize,
      learning_rate_multiplier: learningRate / USUAL_TRAINING.learningRate,
    },
    seed,
    suffix: `${condition}-${seed}`.slice(0, 18),
  };
}
