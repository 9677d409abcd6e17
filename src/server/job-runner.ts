/**
 * Runs fine-tuning jobs, one after the other, each with a model of its own, so that answers go on meanwhile. A job that
 * a stop or a crash has interrupted carries on with the next start of the server from what it kept last, and ends with
 * the same weights: everything it does is named by its seed.
 */
import { appendFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Checkpoints, finetune, stepsOf, type TrainingStep } from "../training/index.js";
import { weightsHash, type LocalModel } from "../model/index.js";
import { writeModelFolder } from "../onnx/index.js";
import { ApiError } from "./api-error.js";
import type { Catalogue } from "./catalogue.js";
import type { FileStore } from "./file-store.js";
import { asFailure, checkLines, JobFailure, readLines, type Line } from "./job-data.js";
import { doseOf } from "./hyperparameters.js";
import { fineTunedId, hasEnded, newId, nowInSeconds, type Job, type JobCheckpoint } from "./job.js";
import type { JobStore } from "./job-store.js";

/** The ends of so many epochs are kept as checkpoints. */
const CHECKPOINTS = 3;

export interface JobRunnerOptions {
  readonly catalogue: Catalogue;
  readonly files: FileStore;
  readonly jobs: JobStore;
  readonly threads: number | undefined;
  /** Hears of what went wrong in the server itself. */
  readonly onFault: (error: unknown) => void;
}

export class JobRunner {
  readonly #waiting: string[] = [];
  #running: { readonly id: string; readonly stop: AbortController } | undefined;
  #work: Promise<void> | undefined;
  #closed = false;

  constructor(private readonly options: JobRunnerOptions) {
    for (const { id } of options.jobs
      .list()
      .filter((job) => !hasEnded(job))
      .toReversed())
      this.enqueue(id);
  }

  enqueue(id: string): void {
    this.#waiting.push(id);
    this.#work ??= this.#workOff();
  }

  async cancel(id: string): Promise<Job> {
    const { jobs } = this.options;
    const job = jobs.get(id);
    if (hasEnded(job)) throw new ApiError(400, `Job ${id} has ended: it has ${job.status}.`, { code: "job_has_ended" });
    await jobs.change(id, { status: "cancelled", finished_at: nowInSeconds(), estimated_finish: null });
    await jobs.tell(id, { message: "The job was cancelled." });
    await rm(this.#keptPath(id), { force: true });
    if (this.#running?.id === id) this.#running.stop.abort();
    return jobs.get(id);
  }

  /** Stops between two steps; what runs or waits carries on with the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#running?.stop.abort();
    await this.#work;
  }

  async #workOff(): Promise<void> {
    for (let id = this.#waiting.shift(); id !== undefined && !this.#closed; id = this.#waiting.shift()) {
      if (hasEnded(this.options.jobs.get(id))) continue;
      const stop = new AbortController();
      this.#running = { id, stop };
      try {
        await this.#run(id, stop.signal);
      } catch (error) {
        if (!stop.signal.aborted) await this.#fail(id, error);
      }
      this.#running = undefined;
    }
    this.#work = undefined;
  }

  async #run(id: string, signal: AbortSignal): Promise<void> {
    const { jobs, catalogue, threads } = this.options;
    const job = jobs.get(id);
    const lines = await readLines(this.options.files, job);
    const served = await catalogue.find(job.model);
    if (jobs.get(id).status === "cancelled") return;
    await jobs.change(id, { status: "queued" });
    const model = await served.open(threads === undefined ? {} : { threads });
    try {
      const trained = checkLines(model, lines);
      signal.throwIfAborted();
      const kept = this.#keptOf(job, model);
      const done = await this.#carryOn(job, model, kept);
      await jobs.change(id, { status: "running" });
      if (done === 0) {
        await jobs.tell(id, { message: `Training begins: ${lines.length} conversations, ${trained} tokens to learn.` });
      }
      await this.#train(jobs.get(id), model, lines, { signal, kept, done });
      signal.throwIfAborted();
      await this.#succeed(jobs.get(id), trained * job.hyperparameters.n_epochs);
      await kept.remove();
    } finally {
      await model.close();
    }
  }

  #keptOf(job: Job, model: LocalModel): Checkpoints {
    const { id, seed, hyperparameters, training_file } = job;
    const of = { id, seed, hyperparameters, training_file, base: weightsHash(model.folder) };
    return new Checkpoints(this.#keptPath(id), of);
  }

  #keptPath(id: string): string {
    return join(this.options.jobs.folderOf(id), "training.safetensors");
  }

  /** Puts into `model` what an interrupted training kept last. @returns the steps that it took */
  async #carryOn({ id, status }: Job, model: LocalModel, kept: Checkpoints): Promise<number> {
    const { jobs } = this.options;
    let done = await kept.restore(model.trainer);
    if ((await jobs.stepsOf(id)) < done) {
      done = 0; // somebody took the steps away that led there
      await model.load();
    }
    await jobs.goBackTo(id, done);
    if (status === "running") {
      const how = done === 0 ? "training begins again" : `training carries on after step ${done}`;
      await jobs.tell(id, { level: "warn", message: `The server was stopped meanwhile: ${how}.` });
    }
    return done;
  }

  async #train(
    job: Job,
    model: LocalModel,
    lines: readonly Line[],
    { signal, kept, done }: { readonly signal: AbortSignal; readonly kept: Checkpoints; readonly done: number },
  ): Promise<void> {
    const { jobs } = this.options;
    const dose = doseOf(job.hyperparameters, lines.length);
    const steps = stepsOf(dose);
    const endOf = (epoch: number): number => Math.ceil((dose.examples * (epoch + 1)) / dose.batchSize);
    const ends = new Set(Array.from({ length: dose.epochs }, (_, epoch) => endOf(epoch)));
    const path = join(jobs.folderOf(job.id), "training.jsonl");
    const onStep = async (step: TrainingStep): Promise<void> => {
      await appendFile(path, `${JSON.stringify(step)}\n`);
      await jobs.tell(job.id, {
        type: "metrics",
        message: `Step ${step.step}/${steps}: training loss=${step.loss.toFixed(4)}`,
        data: {
          step: step.step,
          total_steps: steps,
          train_loss: step.loss,
          learning_rate: step.learningRate,
          gradient_norm: step.gradientNorm,
          tokens: step.tokens,
          seconds: step.seconds,
        },
      });
      if (step.step === 1 || step.step % 10 === 0) {
        const left = Math.ceil((steps - step.step) * step.seconds);
        await jobs.change(job.id, signal.aborted ? {} : { estimated_finish: nowInSeconds() + left });
      }
      if (ends.has(step.step) && !signal.aborted) await this.#checkpoint(job, model, step, step.step === steps);
      if ((kept.due || this.#closed) && step.step < steps) await kept.save(model.trainer);
    };
    const conversations = lines.map(({ conversation }) => conversation);
    await finetune(model, conversations, dose, { seed: job.seed, done, onStep, signal });
  }

  /** The last checkpoint is the result, and lies in `model`. */
  async #checkpoint(job: Job, model: LocalModel, { step, loss }: TrainingStep, isLast: boolean): Promise<void> {
    const { jobs } = this.options;
    await this.#write(job, model, isLast ? "model" : `step-${step}`);
    const id = fineTunedId(job);
    const checkpoint: JobCheckpoint = {
      object: "fine_tuning.job.checkpoint",
      id: newId("ftckpt_"),
      created_at: nowInSeconds(),
      fine_tuning_job_id: job.id,
      fine_tuned_model_checkpoint: isLast ? id : `${id}:ckpt-step-${step}`,
      step_number: step,
      metrics: { step, train_loss: loss },
    };
    const kept = jobs.checkpoints(job.id).toReversed();
    await jobs.keepCheckpoints(job.id, [...kept, checkpoint].slice(-CHECKPOINTS));
    if (!isLast) await jobs.tell(job.id, { message: `Checkpoint created at step ${step}.` });
  }

  async #write(job: Job, model: LocalModel, name: string): Promise<void> {
    const { config, tokenizer, template } = model.folder;
    const folder = join(this.options.jobs.folderOf(job.id), name);
    const tensors = await model.trainer.weights();
    await writeModelFolder(folder, { config, tensors, tokenizer, template }, { job: job.id, base: job.model });
  }

  async #succeed(job: Job, trainedTokens: number): Promise<void> {
    const { jobs, files } = this.options;
    const rows = jobs
      .events(job.id)
      .filter(({ type }) => type === "metrics")
      .toReversed();
    const table = ["step,train_loss", ...rows.map(({ data }) => `${data["step"]},${data["train_loss"]}`), ""].join(
      "\n",
    );
    const result = await files.add("step_metrics.csv", "fine-tune-results", Buffer.from(table));
    const id = fineTunedId(job);
    // Told first: whoever sees the end of a job has all its events.
    await jobs.tell(job.id, { message: `New fine-tuned model created: ${id}` });
    await jobs.tell(job.id, { message: "The job has successfully completed" });
    await jobs.change(job.id, {
      status: "succeeded",
      finished_at: nowInSeconds(),
      estimated_finish: null,
      fine_tuned_model: id,
      result_files: [result.id],
      trained_tokens: trainedTokens,
    });
  }

  async #fail(id: string, error: unknown): Promise<void> {
    const { jobs, onFault } = this.options;
    const known = asFailure(error);
    if (known === undefined) onFault(error);
    const { code, message, param } = known ?? new JobFailure("server_error", "The server failed; its log says more.");
    await jobs.tell(id, { level: "error", message });
    await jobs.change(id, {
      status: "failed",
      finished_at: nowInSeconds(),
      estimated_finish: null,
      error: { code, message, param },
    });
  }
}
