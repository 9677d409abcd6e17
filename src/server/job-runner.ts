/**
 * Runs fine-tuning jobs, one after the other, each with a model of its own, so that answers go on meanwhile. A job that
 * a stop or a crash has interrupted carries on with the next start of the server from what it kept last, and ends with
 * the same weights: everything it does is named by its seed.
 */
import { counted } from "../text/index.js";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Checkpoints, stepsOf, trainResumably, type ResumableOptions, type TrainingStep } from "../training/index.js";
import { requireTraining, type TrainableModel } from "../model/index.js";
import { ApiError } from "./api-error.js";
import type { Catalogue } from "./catalogue.js";
import type { FileStore } from "./file-store.js";
import { asFailure, checkLines, JobFailure, readLines, type Line } from "./job-data.js";
import { trainingConfigOf } from "../study/index.js";
import { usualTrainingFor } from "./usual-training.js";
import { fineTunedId, hasEnded, newId, nowInSeconds, type Job, type JobCheckpoint } from "./job.js";
import type { JobStore, NewEvent } from "./job-store.js";
import type { RowFile } from "./row-file.js";
import { storageFailure } from "./server-error.js";

/** The ends of so many epochs are kept as checkpoints. */
const CHECKPOINTS = 3;
/** Milliseconds after which a job is tried again that could not write; twice as many each time, up to the last. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 60_000;

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
  /** Jobs that could not write, and wait to be tried again. */
  readonly #stuck = new Map<string, { pause: number; timer?: NodeJS.Timeout }>();

  constructor(private readonly options: JobRunnerOptions) {
    for (const { id } of options.jobs
      .list()
      .filter((job) => !hasEnded(job))
      .toReversed())
      this.enqueue(id);
  }

  enqueue(id: string): void {
    if (this.#closed) return;
    this.#waiting.push(id);
    this.#work ??= this.#workOff();
  }

  /** Returns once the end is on the disk; a training under way stops after its step and changes nothing any more. */
  async cancel(id: string): Promise<Job> {
    const { jobs } = this.options;
    const hadEnded = hasEnded(jobs.get(id));
    const job = await jobs.end(id, { status: "cancelled" }, [{ message: "The job was cancelled." }]);
    if (hadEnded || job.status !== "cancelled")
      throw new ApiError(400, `Job ${id} has ended: it has ${job.status}.`, { code: "job_has_ended" });
    if (this.#running?.id === id) this.#running.stop.abort();
    else await this.#forget(id);
    return job;
  }

  /** Stops between two steps; what runs or waits carries on with the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { timer } of this.#stuck.values()) clearTimeout(timer);
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
        this.#stuck.delete(id);
      } catch (error) {
        await this.#stopped(id, error);
      }
      this.#running = undefined;
      if (this.options.jobs.get(id).status === "cancelled") await this.#forget(id);
    }
    this.#work = undefined;
  }

  /** A job ends as failed by what is wrong with it, but not by a disk that is full or gone: then it is tried again. */
  async #stopped(id: string, error: unknown): Promise<void> {
    const { jobs, onFault } = this.options;
    if (this.#closed || hasEnded(jobs.get(id))) return;
    let refused = storageFailure(error);
    if (refused === undefined) {
      try {
        await this.#fail(id, error);
        return;
      } catch (failure) {
        refused = storageFailure(failure);
        if (refused === undefined) return onFault(failure);
      }
    }
    const before = this.#stuck.get(id);
    if (before === undefined) onFault(refused);
    const pause = Math.min(LONGEST_PAUSE, before === undefined ? FIRST_PAUSE : 2 * before.pause);
    const timer = setTimeout(() => this.enqueue(id), pause).unref();
    this.#stuck.set(id, { pause, timer });
  }

  /** Removes what a training kept that is over. */
  async #forget(id: string): Promise<void> {
    await rm(this.#keptPath(id), { force: true }).catch(this.options.onFault);
  }

  async #run(id: string, signal: AbortSignal): Promise<void> {
    const { jobs, catalogue, threads } = this.options;
    const job = jobs.get(id);
    const lines = await readLines(this.options.files, job);
    const served = await catalogue.find(job.model);
    await jobs.change(id, { status: "queued" }); // a disk that is full is met before the model is opened
    signal.throwIfAborted();
    const opened = await served.open(threads === undefined ? {} : { threads });
    try {
      const model = requireTraining(opened, `the fine-tuning job ${id}`);
      const trained = checkLines(model.tokens, lines);
      signal.throwIfAborted();
      const kept = this.#keptOf(job, model);
      const training = await jobs.steps(id);
      await this.#train(job, model, lines, { signal, checkpoints: kept, log: training, trained });
      signal.throwIfAborted();
      await this.#succeed(jobs.get(id), trained * job.hyperparameters.n_epochs);
      await kept.remove();
    } finally {
      await opened.close();
    }
  }

  #keptOf(job: Job, model: TrainableModel): Checkpoints {
    const { id, seed, hyperparameters, training_file } = job;
    const of = { id, seed, hyperparameters, training_file, base: model.source.sha256 };
    return new Checkpoints(this.#keptPath(id), of);
  }

  #keptPath(id: string): string {
    return join(this.options.jobs.folderOf(id), "training.safetensors");
  }

  async #train(
    job: Job,
    model: TrainableModel,
    lines: readonly Line[],
    given: Pick<ResumableOptions, "checkpoints"> & {
      readonly signal: AbortSignal;
      readonly log: RowFile;
      /** Tokens to learn. */
      readonly trained: number;
    },
  ): Promise<void> {
    const { signal, checkpoints, log, trained } = given;
    const { jobs } = this.options;
    const dose = trainingConfigOf(job.hyperparameters, lines.length, await usualTrainingFor(job.model));
    const steps = stepsOf(dose);
    const endOf = (epoch: number): number => Math.ceil((dose.examples * (epoch + 1)) / dose.batchSize);
    const ends = new Set(Array.from({ length: dose.epochs }, (_, epoch) => endOf(epoch)));
    const conversations = lines.map(({ conversation }) => conversation);
    await trainResumably(model, conversations, dose, {
      seed: job.seed,
      log,
      checkpoints,
      signal,
      // A cancelled one is not to be carried on.
      mayKeep: () => !hasEnded(jobs.get(job.id)),
      onBegin: async (done) => {
        await this.#begin(job, done, log);
        signal.throwIfAborted();
        if (done > 0) return;
        await jobs.tell(job.id, {
          message: `Training begins: ${counted(lines.length, "conversation")}, ${counted(trained, "token")} to learn.`,
        });
      },
      onStep: async (step) => {
        await jobs.tell(job.id, metricsOf(step, steps));
        if (step.step === 1 || step.step % 10 === 0) {
          const left = Math.ceil((steps - step.step) * step.seconds);
          await jobs.change(job.id, signal.aborted ? {} : { estimated_finish: nowInSeconds() + left });
        }
        if (ends.has(step.step) && !signal.aborted) await this.#checkpoint(job, model, step, step.step === steps);
      },
    });
  }

  /** @param done steps that an interrupted training took, which are in the model */
  async #begin({ id, status }: Job, done: number, log: RowFile): Promise<void> {
    const { jobs } = this.options;
    await jobs.goBackTo(id, done, log);
    if (status === "running" || this.#stuck.has(id)) {
      const how = done === 0 ? "training begins again" : `training carries on after step ${done}`;
      const why = this.#stuck.has(id) ? "The server could not write meanwhile" : "The server was stopped meanwhile";
      await jobs.tell(id, { level: "warn", message: `${why}: ${how}.` });
    }
    await jobs.change(id, { status: "running" });
  }

  /** The last checkpoint is the result, and lies in `model`. */
  async #checkpoint(job: Job, model: TrainableModel, { step, loss }: TrainingStep, isLast: boolean): Promise<void> {
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

  async #write(job: Job, model: TrainableModel, name: string): Promise<void> {
    const folder = join(this.options.jobs.folderOf(job.id), name);
    await model.training.saveModel(folder, { job: job.id, base: job.model });
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
    const told = [`New fine-tuned model created: ${id}`, "The job has successfully completed"];
    const change = { fine_tuned_model: id, result_files: [result.id], trained_tokens: trainedTokens };
    await jobs.end(
      job.id,
      { status: "succeeded", ...change },
      told.map((message) => ({ message })),
    );
  }

  async #fail(id: string, error: unknown): Promise<void> {
    const { jobs, onFault } = this.options;
    const known = asFailure(error);
    if (known === undefined) onFault(error);
    const { code, message, param } = known ?? new JobFailure("server_error", "The server failed; its log says more.");
    await jobs.end(id, { status: "failed", error: { code, message, param } }, [{ level: "error", message }]);
  }
}

const metricsOf = (step: TrainingStep, steps: number): NewEvent => ({
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
