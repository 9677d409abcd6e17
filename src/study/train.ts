/** Phase two: fine-tuning. It is finished when its weights are on the disk; before that it carries on from a checkpoint. */
import { access } from "node:fs/promises";
import type { Conversation } from "../dataset/index.js";
import { requireTraining, type TrainableModel } from "../model/index.js";
import { Checkpoints, finetune, stepsOf, type Dose, type TrainingStep } from "../training/index.js";
import { readRows, RowFile, storing, fileSha256 } from "../store/index.js";
import { cellFiles, type CellRecord } from "./cell.js";
import { StudyError } from "./error.js";
import type { CellWork } from "./cell-work.js";
import { trainServed } from "./train-served.js";

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
  await storing(path, () => checkpointsOf(work).remove());
  const sha256 = await fileSha256(path);
  if (cell.weights !== undefined && cell.weights.sha256 !== sha256)
    throw changed(path, sha256, cell.weights.sha256, folder);
  if (finished) await trainable.training.load(path);
  return { weights: { sha256 } };
}

async function trainOn(work: CellWork, model: TrainableModel, dose: Dose): Promise<void> {
  const { folder, cell, watcher, signal } = work;
  const files = cellFiles(folder);
  const dataset = await fileSha256(files.dataset);
  if (dataset !== cell.dataset?.sha256) throw changed(files.dataset, dataset, cell.dataset?.sha256, folder);
  const conversations = await readRows<Conversation>(files.dataset);
  const steps = stepsOf(dose);
  await model.training.load();
  const checkpoints = checkpointsOf(work);
  let done = await storing(files.checkpoint, () => checkpoints.restore(model.training));
  if ((await readRows(files.training)).length < done) {
    done = 0; // somebody took the steps away that led there
    await model.training.load();
  }
  const rows = await RowFile.open<TrainingStep>(files.training, { most: done });
  const keep = async (): Promise<void> => {
    await rows.flush();
    await storing(files.checkpoint, () => checkpoints.save(model.training));
  };
  watcher.started("finetune", done, steps);
  try {
    let last = performance.now();
    await finetune(model, conversations, dose, {
      seed: cell.seed,
      done,
      ...(signal && { signal }),
      onStep: async (step) => {
        await rows.append([step]);
        if (checkpoints.due && step.step < steps) await keep();
        const now = performance.now();
        const seconds = (now - last) / 1000;
        watcher.progress({ phase: "finetune", done: step.step, total: steps, units: 1, seconds, loss: step.loss });
        last = now;
      },
    });
    await rows.flush();
  } catch (error) {
    if (signal?.aborted && error === signal.reason && model.training.step > done) await keep();
    throw error;
  } finally {
    await rows.close();
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
