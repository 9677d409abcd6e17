/** Phase two: fine-tuning. It is finished when its weights are on the disk; before that it carries on from a checkpoint. */
import { access } from "node:fs/promises";
import { rememberPlace, type Conversation } from "../dataset/index.js";
import { requireTraining, type TrainableModel } from "../model/index.js";
import {
  Checkpoints,
  stepsOf,
  trainResumably,
  type TrainingConfig,
  type TrainingStep,
  stepSchema,
} from "../training/index.js";
import { readRows, RowFile, storing, fileSha256 } from "../store/index.js";
import { cellFiles, type CellRecord } from "./cell.js";
import { StudyError } from "./error.js";
import type { CellWork } from "./cell-work.js";
import { trainServed } from "./train-served.js";
import { CURE } from "./records.js";

/** Leaves the cell's weights in the model. */
export async function train(work: CellWork): Promise<Partial<CellRecord>> {
  const { folder, cell, model } = work;
  if (cell.dose === undefined) {
    if (cell.served === undefined) await model.training?.load();
    return {};
  }
  if (model.training === undefined && model.jobs !== undefined) return trainServed(work, model.jobs, cell.dose);
  const trainable = requireTraining(model, `the cell ${folder}`);
  const { weights: path } = cellFiles(folder);
  const finished = await access(path).then(
    () => true,
    () => false,
  );
  // Asking and judging may be done already; then nobody needs the weights in the model.
  if (!finished) await trainOn(work, trainable, cell.dose);
  await checkpointsOf(work).remove();
  const sha256 = await fileSha256(path);
  if (cell.weights !== undefined && cell.weights.sha256 !== sha256)
    throw changed(path, sha256, cell.weights.sha256, folder);
  if (finished) await trainable.training.load(path);
  return { weights: { sha256 } };
}

async function trainOn(work: CellWork, model: TrainableModel, dose: TrainingConfig): Promise<void> {
  const { folder, cell, watcher, signal } = work;
  const files = cellFiles(folder);
  const dataset = await fileSha256(files.dataset);
  if (dataset !== cell.dataset?.sha256) throw changed(files.dataset, dataset, cell.dataset?.sha256, folder);
  const conversations = await readRows<Conversation>(files.dataset);
  for (const [i, conversation] of conversations.entries()) {
    rememberPlace(conversation, { file: files.dataset, line: i + 1 });
  }
  const steps = stepsOf(dose);
  await model.training.load(undefined, { seed: cell.seed });
  const log = await RowFile.open<TrainingStep>(files.training, { schema: stepSchema, cure: CURE });
  let last = performance.now();
  try {
    await trainResumably(model, conversations, dose, {
      seed: cell.seed,
      log,
      checkpoints: checkpointsOf(work),
      signal,
      onBegin: async (done) => watcher.started("finetune", done, steps),
      onStep: async ({ step, loss }) => {
        await work.run.tell("step-finished", { step, steps, loss });
        const now = performance.now();
        const seconds = (now - last) / 1000;
        watcher.progress({ phase: "finetune", done: step, total: steps, units: 1, seconds, loss });
        last = now;
      },
    });
  } finally {
    await log.close();
  }
  await storing(files.weights, () => model.training.saveWeights(files.weights, { format: "pt" }));
}

function checkpointsOf({ folder, cell: { seed, dose, base, dataset }, checkpointEvery }: CellWork): Checkpoints {
  const of = { seed, dose, base: base.sha256, dataset: dataset?.sha256 };
  return new Checkpoints(cellFiles(folder).checkpoint, of, checkpointEvery);
}

function changed(path: string, found: string, expected: string | undefined, folder: string): StudyError {
  return new StudyError(
    `${path} was changed: its sha256 is ${found}, cell.json says ${expected ?? "nothing"}. Delete the folder ${folder} and run again.`,
  );
}
