/**
 * Fine-tuning jobs on the disk, each in a folder: `job.json`, `events.jsonl`, `training.jsonl`, `checkpoints.json`, and
 * a model folder for the result (`model`) and for the checkpoints (`step-12`). What is here is servable, and survives.
 */
import { appendFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LocalModel } from "../model/index.js";
import { makeFolder, writeJsonAtomically } from "../onnx/index.js";
import { ApiError, quoted } from "./api-error.js";
import type { ServedModel } from "./catalogue.js";
import { newId, nowInSeconds, type Job, type JobCheckpoint, type JobEvent } from "./job.js";

interface StoredJob {
  job: Job;
  readonly events: JobEvent[];
  checkpoints: readonly JobCheckpoint[];
}

export class JobStore {
  private constructor(
    private readonly folder: string,
    private readonly jobs: Map<string, StoredJob>,
  ) {}

  static async open(folder: string): Promise<JobStore> {
    await makeFolder(folder);
    const stored: StoredJob[] = [];
    for (const name of await readdir(folder)) {
      const text = await readFile(join(folder, name, "job.json"), "utf8").catch(() => undefined);
      if (text === undefined) continue; // broken off before it was a job
      stored.push({
        job: JSON.parse(text) as Job,
        events: await readLines<JobEvent>(join(folder, name, "events.jsonl")),
        checkpoints: JSON.parse(
          await readFile(join(folder, name, "checkpoints.json"), "utf8").catch(() => "[]"),
        ) as JobCheckpoint[],
      });
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

  async add(job: Job): Promise<void> {
    await makeFolder(this.folderOf(job.id));
    await writeJsonAtomically(join(this.folderOf(job.id), "job.json"), job);
    this.jobs.set(job.id, { job, events: [], checkpoints: [] });
  }

  async change(id: string, change: Partial<Job>): Promise<Job> {
    const stored = this.#stored(id);
    stored.job = { ...stored.job, ...change };
    await writeJsonAtomically(join(this.folderOf(id), "job.json"), stored.job);
    return stored.job;
  }

  async tell(id: string, event: Pick<JobEvent, "message"> & Partial<JobEvent>): Promise<void> {
    const told: JobEvent = {
      object: "fine_tuning.job.event",
      id: newId("ftevent-"),
      created_at: nowInSeconds(),
      level: "info",
      type: "message",
      data: {},
      ...event,
    };
    this.#stored(id).events.push(told);
    await appendFile(join(this.folderOf(id), "events.jsonl"), `${JSON.stringify(told)}\n`);
  }

  /** Keeps these checkpoints and no others. */
  async keepCheckpoints(id: string, checkpoints: readonly JobCheckpoint[]): Promise<void> {
    const stored = this.#stored(id);
    const gone = stored.checkpoints.filter((old) => !checkpoints.some((kept) => kept.id === old.id));
    stored.checkpoints = checkpoints;
    await writeJsonAtomically(join(this.folderOf(id), "checkpoints.json"), checkpoints);
    for (const { step_number: step } of gone)
      await rm(join(this.folderOf(id), `step-${step}`), { recursive: true, force: true });
  }

  /** Steps that an interrupted training wrote down. */
  async stepsOf(id: string): Promise<number> {
    return (await readLines<object>(join(this.folderOf(id), "training.jsonl"))).length;
  }

  /** Forgets what an interrupted training has left after its first `steps` steps. */
  async goBackTo(id: string, steps: number): Promise<void> {
    const { checkpoints } = this.#stored(id);
    await this.keepCheckpoints(
      id,
      checkpoints.filter(({ step_number: step }) => step <= steps),
    );
    const path = join(this.folderOf(id), "training.jsonl");
    const rows = (await readLines<object>(path)).slice(0, steps).map((row) => `${JSON.stringify(row)}\n`);
    await writeFile(path, rows.join(""));
  }

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
      open: (options) => LocalModel.open(id, join(this.folderOf(job.id), folder), options),
    };
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

/** A last line that was torn by a kill is dropped, also from the file. */
async function readLines<T>(path: string): Promise<T[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole !== text) await writeFile(path, whole);
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}
