/** Fine-tuning in this process, with the files of one through an API: the new model is the folder `model`. */
import { join } from "node:path";
import type { Conversation } from "../dataset/index.js";
import type { TrainableModel } from "../model/index.js";
import type { Run } from "../run/index.js";
import { RowFile } from "../store/index.js";
import { stepSchema, type TrainingCallback, type TrainingStep } from "./callback.js";
import { Checkpoints } from "./checkpoints.js";
import type { Course } from "./course.js";
import type { Defences } from "./defences.js";
import { stepsOf, type TrainingConfig } from "./training-config.js";
import { FinetuneError, writeRecord, type FinetuneRecord } from "./record.js";
import { takeResumably, trainResumably, type ResumableOptions } from "./resumable.js";

export interface HereOptions {
  readonly folder: string;
  readonly record: FinetuneRecord;
  /** Hears of every step. */
  readonly run?: Run;
  readonly dose: TrainingConfig;
  readonly defences?: Defences;
  /** What is learned in place of the conversations, in as many steps as the dose says. */
  readonly course?: Course | undefined;
  /** Called in this order; a checkpoint comes after all of them. */
  readonly callbacks?: readonly TrainingCallback[];
  readonly onStep?: (step: TrainingStep) => void;
  /** Stops between two steps; the same call carries on from the last checkpoint. */
  readonly signal?: AbortSignal;
  /** Bytes that the process may take; see {@link trainResumably}. */
  readonly memory?: number | undefined;
  /** Of the new model's weights, beside the name of the model it came from. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Seconds from one checkpoint to the next; see {@link Checkpoints}. */
  readonly checkpointEvery?: number;
}

/** Trains `model` where it is, all weights or its adapter. One that was finished is left as it is. */
export async function finetuneHere(
  model: TrainableModel,
  conversations: readonly Conversation[],
  options: HereOptions,
): Promise<FinetuneRecord> {
  const { folder, record, dose, defences, course, callbacks = [], onStep, signal, run, memory } = options;
  if (record.status === "succeeded") return record;
  if (record.status !== "open") throw new FinetuneError(`this fine-tune was ${record.status}. Choose another --out.`);
  const { plan } = record;
  const of = { plan, dose, base: model.source.sha256 };
  const checkpoints = new Checkpoints(join(folder, "checkpoint.safetensors"), of, options.checkpointEvery);
  const log = await RowFile.open<TrainingStep>(join(folder, "training.jsonl"), { schema: stepSchema });
  const steps = stepsOf(dose);
  let taken: number;
  try {
    const how = {
      log,
      checkpoints,
      callbacks,
      signal,
      memory,
      onStep: async (step: TrainingStep) => {
        await run?.tell("step-finished", { step: step.step, steps: step.steps, loss: step.loss });
        onStep?.(step);
      },
    } satisfies ResumableOptions;
    taken = await (course === undefined
      ? trainResumably(model, conversations, dose, { ...how, seed: plan.seed ?? 0, defences })
      : takeResumably(model, course, how));
  } finally {
    await log.close();
  }
  const made = join(folder, "model");
  const metadata = { base: plan.model, ...options.metadata };
  await model.training.saveModel(made, metadata);
  const adapter = model.training.lora && join(folder, "adapter");
  if (adapter) await model.training.saveAdapter(adapter);
  const { epochs, batchSize, learningRate } = dose;
  const hyperparameters = { n_epochs: epochs, batch_size: batchSize, learning_rate: learningRate };
  const finished = await writeRecord(folder, {
    ...record,
    status: "succeeded",
    hyperparameters,
    result: model.training.nameOf(made),
    ...(adapter && { adapter }),
    ...(taken < steps && { stoppedAt: taken }),
  });
  await checkpoints.remove();
  return finished;
}
