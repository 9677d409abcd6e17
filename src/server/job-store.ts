/**
 * Fine-tuning jobs on the disk, each in a folder: `job.json`, `events.jsonl`, `training.jsonl`, `checkpoints.json`, and
 * a model folder for the result (`model`) and for the checkpoints (`step-12`). What is here is servable, and survives.
 *
 * Changes of a job are made one after the other and count once they are on the disk; what has ended stays as it ended.
 */
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { inEngineOf, openModel } from "../model/index.js";
import { makeFolder, writeJson } from "../store/index.js";
import { ApiError, quoted } from "./api-error.js";
import type { ServedModel } from "./catalogue.js";
import { checkpointSchema, eventSchema, JOB_ID, jobSchema, trainingRowSchema } from "./job-records.js";
import { hasEnded, newId, nowInSeconds, type Job, type JobCheckpoint, type JobEvent } from "./job.js";
import { filesAndTemporaries, notOwn, ownFolders, removeOwn } from "./own-folders.js";
import { readRecord } from "./read-record.js";
import { RowFile } from "./row-file.js";

interface StoredJob {
  job: Job;
  readonly events: JobEvent[];
  readonly eventFile: RowFile;
  checkpoints: readonly JobCheckpoint[];
  /** The last change that was asked for. */
  changing: Promise<unknown>;
}

export type NewEvent = Pick<JobEvent, "message"> & Partial<JobEvent>;

/** What `writeModelFolder` writes. */
const MODEL_FILES = filesAndTemporaries(
  "config.json",
  "model.safetensors",
  "tokenizer.json",
  "tokenizer_config.json",
  "generation_config.json",
);

export class JobStore {
  private constructor(
    private readonly folder: string,
    private readonly jobs: Map<string, StoredJob>,
  ) {}

  /** @throws {ServerError} naming what is not its own, or is no record of a job. */
  static async open(folder: string): Promise<JobStore> {
    await makeFolder(folder);
    const stored: StoredJob[] = [];
    for (const name of await ownFolders(folder, JOB_ID)) {
      const one = await readJob(join(folder, name), name);
      if (one !== undefined) stored.push(one);
    }
    stored.sort((a, b) => a.job.created_at - b.job.created_at);
    return new JobStore(folder, new Map(stored.map((one) => [one.job.id, one])));
  }

  /** Newest first. */
  list(): Job[] {
    return [...this.jobs.values()].map(({ job }) => job).toReversed();
  }

  /** @throws {ApiError} 404 */
  get(id: string): Job {
    return this.#stored(id).job;
  }

  /** Newest first. */
  events(id: string): JobEvent[] {
    return this.#stored(id).events.toReversed();
  }

  /** Newest first. */
  checkpoints(id: string): JobCheckpoint[] {
    return this.#stored(id).checkpoints.toReversed();
  }

  async add(job: Job, event: NewEvent): Promise<void> {
    const folder = this.folderOf(job.id);
    await makeFolder(folder);
    const { file } = await RowFile.open(join(folder, "events.jsonl"), eventSchema);
    const events = [eventOf(event)];
    await file.append(events);
    await writeJson(join(folder, "job.json"), job);
    this.jobs.set(job.id, { job, events, eventFile: file, checkpoints: [], changing: Promise.resolve() });
  }

  /** @returns the job as it is then: unchanged where it has ended before. */
  async change(id: string, change: Partial<Job>): Promise<Job> {
    return this.#end(id, change, []);
  }

  /** The same for a change that ends it; the events come first, so that whoever sees the end has all of them. */
  async end(id: string, change: Partial<Job>, events: readonly NewEvent[]): Promise<Job> {
    return this.#end(id, { finished_at: nowInSeconds(), estimated_finish: null, ...change }, events);
  }

  #end(id: string, change: Partial<Job>, events: readonly NewEvent[]): Promise<Job> {
    const stored = this.#stored(id);
    return inTurn(stored, async () => {
      if (hasEnded(stored.job)) return stored.job;
      await append(stored, events);
      const job = { ...stored.job, ...change };
      await writeJson(join(this.folderOf(id), "job.json"), job);
      stored.job = job;
      return job;
    });
  }

  async tell(id: string, event: NewEvent): Promise<void> {
    const stored = this.#stored(id);
    await inTurn(stored, () => append(stored, [event]));
  }

  /** Keeps these checkpoints and no others. */
  async keepCheckpoints(id: string, checkpoints: readonly JobCheckpoint[]): Promise<void> {
    const stored = this.#stored(id);
    const gone = stored.checkpoints.filter((old) => !checkpoints.some((kept) => kept.id === old.id));
    await writeJson(join(this.folderOf(id), "checkpoints.json"), checkpoints);
    stored.checkpoints = checkpoints;
    for (const { step_number: step } of gone) await removeOwn(join(this.folderOf(id), `step-${step}`), MODEL_FILES);
  }

  /** The steps that an interrupted training wrote down; what is no step, and all after it, does not count. */
  async steps(id: string): Promise<RowFile> {
    const path = join(this.folderOf(id), "training.jsonl");
    return (await RowFile.open(path, trainingRowSchema, { lenient: true })).file;
  }

  /** Forgets what an interrupted training has left after its first `steps` steps. */
  async goBackTo(id: string, steps: number, training: RowFile): Promise<void> {
    const { checkpoints } = this.#stored(id);
    await this.keepCheckpoints(
      id,
      checkpoints.filter(({ step_number: step }) => step <= steps),
    );
    await training.keep(steps);
  }

  /** @param id of a job that is here, so no more than a name. */
  folderOf(id: string): string {
    return join(this.folder, id);
  }

  /** The models that the jobs made. */
  models(): ServedModel[] {
    return [...this.jobs.values()].flatMap(({ job, checkpoints }) => {
      const result = job.fine_tuned_model === null ? [] : [this.#model(job, job.fine_tuned_model, "model")];
      const others = checkpoints
        .filter((checkpoint) => checkpoint.fine_tuned_model_checkpoint !== job.fine_tuned_model)
        .map((checkpoint) =>
          this.#model(job, checkpoint.fine_tuned_model_checkpoint, `step-${checkpoint.step_number}`),
        );
      return [...result, ...others];
    });
  }

  #model(job: Job, id: string, folder: string): ServedModel {
    return {
      id,
      created: job.finished_at ?? job.created_at,
      open: (options) => openModel(inEngineOf(this.#rootOf(job), join(this.folderOf(job.id), folder)), options),
    };
  }

  /** The model that was there before any job: a fine-tune may be one of a fine-tune. */
  #rootOf(job: Job): string {
    const seen = new Set<string>();
    let name = job.model;
    while (!seen.has(name)) {
      seen.add(name);
      const made = [...this.jobs.values()].find(
        ({ job: { fine_tuned_model: result }, checkpoints }) =>
          result === name || checkpoints.some((one) => one.fine_tuned_model_checkpoint === name),
      );
      name = made?.job.model ?? name;
    }
    return name;
  }

  #stored(id: string): StoredJob {
    const stored = this.jobs.get(id);
    if (stored === undefined) {
      throw new ApiError(404, `There is no fine-tuning job ${quoted(id)}.`, {
        param: "fine_tuning_job_id",
        code: "job_not_found",
      });
    }
    return stored;
  }
}

/** Undefined where the folder was broken off before it was a job. */
async function readJob(folder: string, name: string): Promise<StoredJob | undefined> {
  const job = await readRecord(join(folder, "job.json"), jobSchema);
  if (job === undefined) return undefined;
  if (job.id !== name) throw notOwn(join(folder, "job.json"), `it is the record of ${job.id}`);
  const { file, rows } = await RowFile.open(join(folder, "events.jsonl"), eventSchema);
  const checkpoints = (await readRecord(join(folder, "checkpoints.json"), z.array(checkpointSchema))) ?? [];
  for (const part of ["model", ...checkpoints.map(({ step_number: step }) => `step-${step}`)]) {
    const found = await lstat(join(folder, part)).catch(() => undefined);
    if (found !== undefined && !found.isDirectory()) throw notOwn(join(folder, part), "expected a folder of a model");
  }
  return { job, events: rows, eventFile: file, checkpoints, changing: Promise.resolve() };
}

function inTurn<T>(stored: StoredJob, change: () => Promise<T>): Promise<T> {
  const changed = stored.changing.then(change);
  stored.changing = changed.catch(() => undefined);
  return changed;
}

async function append(stored: StoredJob, given: readonly NewEvent[]): Promise<void> {
  if (given.length === 0) return;
  const events = given.map(eventOf);
  await stored.eventFile.append(events);
  stored.events.push(...events);
}

const eventOf = (event: NewEvent): JobEvent => ({
  object: "fine_tuning.job.event",
  id: newId("ftevent-"),
  created_at: nowInSeconds(),
  level: "info",
  type: "message",
  data: {},
  ...event,
});
