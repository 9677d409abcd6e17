/**
 * Fine-tuning through a server's API: upload, create, follow. The folder has `finetune.json`, the server's events as
 * they came (`server-events.jsonl`), and the same `training.jsonl` as a training in this process.
 */
import { join } from "node:path";
import type { FineTuningJobEvent, FineTuningJobs, FineTuningJobState } from "../model/index.js";
import { RowFile } from "../store/index.js";
import { FinetuneError, writeRecord, type FinetuneRecord } from "./record.js";
import { stepSchema, type TrainingStep } from "./callback.js";
import type { Run } from "../run/index.js";

/** A line of `training.jsonl`; servers do not tell all that a training in this process knows. */
export type RemoteStep = Pick<TrainingStep, "step" | "loss"> & Partial<TrainingStep>;

export interface RemoteOptions {
  readonly folder: string;
  readonly record: FinetuneRecord;
  /** Hears of every step. */
  readonly run?: Run;
  /** The training file. */
  readonly data: string;
  readonly onStep?: (step: RemoteStep) => void;
  readonly onMessage?: (message: string) => void;
  /** Milliseconds between looks; default 5,000. */
  readonly interval?: number;
  /** Lets go of the job, which goes on: the same call follows it further. */
  readonly signal?: AbortSignal;
}

/**
 * Begins the job, or finds the one that was begun, and follows it to its end.
 * @throws {FinetuneError} when the job has failed or was cancelled; {@link EndpointError}; `signal`'s reason.
 */
export async function finetuneRemote(jobs: FineTuningJobs, options: RemoteOptions): Promise<FinetuneRecord> {
  const { folder, data, signal, interval } = options;
  let { record } = options;
  if (record.status !== "open") return finished(record);
  const { plan, name } = record;
  if (record.file === undefined) {
    const { id } = await jobs.upload(data, { signal });
    record = await writeRecord(folder, { ...record, file: id });
  }
  if (record.job === undefined) {
    const job = await jobs.createOnce(
      name,
      {
        model: jobs.served,
        trainingFile: record.file as string,
        hyperparameters: plan.hyperparameters,
        ...(plan.seed !== undefined && { seed: plan.seed }),
        ...(plan.suffix !== undefined && { suffix: plan.suffix }),
      },
      { signal },
    );
    record = await writeRecord(folder, { ...record, job: job.id });
  }
  const id = record.job as string;
  const job = await follow(jobs, id, { ...options, ...(interval !== undefined && { interval }) });
  const checkpoints: { step: number; model: string }[] = [];
  if (job.status === "succeeded") {
    for await (const checkpoint of jobs.checkpoints(id, { signal })) {
      checkpoints.unshift({
        step: checkpoint.step_number,
        model: jobs.nameOf(checkpoint.fine_tuned_model_checkpoint),
      });
    }
  }
  return finished(await writeRecord(folder, { ...record, ...outcomeOf(job, jobs), checkpoints }));
}

/** Asks the server to stop the job of a folder. */
export async function cancelRemote(
  jobs: FineTuningJobs,
  folder: string,
  record: FinetuneRecord,
): Promise<FinetuneRecord> {
  // A crash may have left a job that the record does not know yet.
  const id = record.job ?? (await jobs.find(record.name))?.id;
  if (id === undefined) return writeRecord(folder, { ...record, status: "cancelled" });
  const job = await jobs.cancel(id);
  if (job.status !== "cancelled") throw new FinetuneError(`the job ${id} was to be cancelled, and is ${job.status}.`);
  return writeRecord(folder, { ...record, job: id, status: "cancelled" });
}

async function follow(jobs: FineTuningJobs, id: string, options: RemoteOptions): Promise<FineTuningJobState> {
  const { folder, interval, signal, run, onStep, onMessage } = options;
  const events = await RowFile.open<FineTuningJobEvent>(join(folder, "server-events.jsonl"));
  const training = await RowFile.open<RemoteStep>(join(folder, "training.jsonl"), { schema: stepSchema });
  try {
    let last = training.rows.at(-1)?.step ?? 0;
    const learn = async (event: FineTuningJobEvent): Promise<void> => {
      const step = stepOf(event);
      // A server that began again tells the first steps twice; the first telling counts.
      if (step === undefined || step.step <= last) return;
      await training.append([step]);
      last = step.step;
      await run?.tell("step-finished", { step: step.step, loss: step.loss });
      onStep?.(step);
    };
    // A kill between the two files leaves an event whose step is missing.
    for (const event of events.rows) await learn(event);
    const after = events.rows.at(-1)?.id;
    const told = jobs.follow(id, {
      signal,
      ...(interval !== undefined && { interval }),
      ...(after !== undefined && { after }),
    });
    for (;;) {
      const next = await told.next();
      if (next.done === true) return next.value;
      await events.append([next.value]);
      await learn(next.value);
      if (next.value.type !== "metrics") onMessage?.(next.value.message);
    }
  } finally {
    await training.close();
    await events.close();
  }
}

/** The training step that an event tells of. */
function stepOf({ data }: FineTuningJobEvent): RemoteStep | undefined {
  const number = (key: string): number | undefined => (typeof data?.[key] === "number" ? data[key] : undefined);
  const [step, loss] = [number("step"), number("train_loss")];
  if (step === undefined || loss === undefined) return undefined;
  const rest = {
    steps: number("total_steps"),
    gradientNorm: number("gradient_norm"),
    learningRate: number("learning_rate"),
    tokens: number("tokens"),
    seconds: number("seconds"),
  };
  const known = Object.entries(rest).filter(([, value]) => value !== undefined);
  return { step, loss, ...(Object.fromEntries(known) as Partial<TrainingStep>) };
}

function outcomeOf(job: FineTuningJobState, jobs: FineTuningJobs): Partial<FinetuneRecord> {
  const { hyperparameters, trained_tokens: trainedTokens, fine_tuned_model: result, error } = job;
  const told = {
    ...(hyperparameters && { hyperparameters }),
    ...(typeof trainedTokens === "number" && { trainedTokens }),
  };
  if (job.status === "succeeded" && typeof result === "string" && result !== "") {
    return { ...told, status: "succeeded", result: jobs.nameOf(result) };
  }
  if (job.status === "cancelled") return { ...told, status: "cancelled" };
  return { ...told, status: "failed", error: error?.message ?? `the server says ${job.status} and no reason` };
}

function finished(record: FinetuneRecord): FinetuneRecord {
  if (record.status === "succeeded") return record;
  const why = record.status === "cancelled" ? "was cancelled" : `has failed: ${record.error ?? "no reason was told"}`;
  throw new FinetuneError(
    `the fine-tuning job ${record.job ?? ""} ${why} Begin again with another --out.`.replace(
      / (was cancelled) /,
      " $1. ",
    ),
  );
}
