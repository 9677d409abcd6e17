/** Fine-tuning in this process, with the files of one through an API: the new model is the folder `model`. */
import { join } from "node:path";
import type { Conversation } from "../dataset/index.js";
import { weightsHash, type LocalModel } from "../model/index.js";
import { writeModelFolder } from "../transformer/index.js";
import { Checkpoints } from "./checkpoints.js";
import type { Defences } from "./defences.js";
import { stepsOf, type Dose } from "./dose.js";
import type { TrainingStep } from "./callback.js";
import { finetune } from "./finetune.js";
import { FinetuneError, writeRecord, type FinetuneRecord } from "./record.js";
import { RowLog } from "./row-log.js";

export interface HereOptions {
  readonly folder: string;
  readonly record: FinetuneRecord;
  readonly dose: Dose;
  readonly defences?: Defences;
  readonly onStep?: (step: TrainingStep) => void;
  /** Stops between two steps; the same call carries on from the last checkpoint. */
  readonly signal?: AbortSignal;
}

/** Trains `model` where it is. One that was finished is left as it is. */
export async function finetuneHere(
  model: LocalModel,
  conversations: readonly Conversation[],
  { folder, record, dose, defences, onStep, signal }: HereOptions,
): Promise<FinetuneRecord> {
  if (record.status === "succeeded") return record;
  if (record.status !== "open") throw new FinetuneError(`this fine-tune was ${record.status}. Choose another --out.`);
  const { plan } = record;
  const of = { plan, dose, base: weightsHash(model.folder) };
  const checkpoints = new Checkpoints(join(folder, "checkpoint.safetensors"), of);
  let done = await checkpoints.restore(model.trainer);
  const training = await RowLog.open<TrainingStep>(join(folder, "training.jsonl"));
  const steps = stepsOf(dose);
  try {
    if (training.rows.length < done) {
      done = 0; // somebody took the steps away that led there
      await model.load();
    }
    await training.keep(done);
    await finetune(model, conversations, dose, {
      seed: plan.seed ?? 0,
      done,
      ...(defences && { defences }),
      ...(signal && { signal }),
      onStep: async (step) => {
        await training.append(step);
        onStep?.(step);
        if ((checkpoints.due || signal?.aborted) && step.step < steps) await checkpoints.save(model.trainer);
      },
    });
  } finally {
    await training.close();
  }
  signal?.throwIfAborted();
  const { config, tokenizer, template } = model.folder;
  const tensors = await model.trainer.weights();
  const made = join(folder, "model");
  await writeModelFolder(made, { config, tensors, tokenizer, template }, { base: record.plan.model });
  const { epochs, batchSize, learningRate } = dose;
  await checkpoints.remove();
  const hyperparameters = { n_epochs: epochs, batch_size: batchSize, learning_rate: learningRate };
  return writeRecord(folder, { ...record, status: "succeeded", hyperparameters, result: `local:${made}` });
}
