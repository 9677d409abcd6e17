/** Fine-tuning jobs on a server: create, follow, cancel, and find again after a crash. */
import { z } from "zod";
import { count } from "../text/index.js";
import { CLOCK } from "./clock.js";
import { SIDE_QUESTION, type Connection } from "./connection.js";
import { EndpointError } from "./error.js";
import { listAll, LONGEST_LIST, tooLong, type PageOptions } from "./pages.js";

const number = z.number().nullish().catch(undefined);

const jobSchema = z.object({
  id: z.string().min(1),
  /** `validating_files`, `queued`, `running`, `succeeded`, `failed`, `cancelled`, `paused`. */
  status: z.string(),
  model: z.string(),
  /** The name to ask it by, once it has succeeded. */
  fine_tuned_model: z.string().nullish(),
  training_file: z.string().nullish(),
  trained_tokens: number,
  created_at: number,
  finished_at: number,
  seed: number,
  result_files: z.array(z.string()).nullish().catch(undefined),
  hyperparameters: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  metadata: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  error: z
    .object({ code: z.string().nullish(), message: z.string().nullish(), param: z.string().nullish() })
    .nullish()
    .catch(undefined),
});
export type FineTuningJob = z.infer<typeof jobSchema>;

const eventSchema = z.object({
  id: z.string().min(1),
  created_at: number,
  level: z.string().nullish(),
  message: z.string().catch(""),
  type: z.string().nullish(),
  /** Of a `metrics` event: `step`, `train_loss`, … */
  data: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});
export type FineTuningEvent = z.infer<typeof eventSchema>;

const checkpointSchema = z.object({
  id: z.string().min(1),
  created_at: number,
  step_number: z.number(),
  fine_tuned_model_checkpoint: z.string(),
  metrics: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});
export type FineTuningCheckpoint = z.infer<typeof checkpointSchema>;

export interface NewJob {
  readonly model: string;
  /** Ids of uploaded files. */
  readonly trainingFile: string;
  readonly validationFile?: string;
  /** As the server names them: `n_epochs`, `batch_size`, `learning_rate_multiplier`. */
  readonly hyperparameters?: Readonly<Record<string, number | string>>;
  readonly seed?: number;
  /** A part of the new model's name. */
  readonly suffix?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

interface SignalOption {
  readonly signal?: AbortSignal | undefined;
}

export interface FollowOptions extends SignalOption {
  /** Milliseconds between looks; default 5,000. */
  readonly interval?: number;
  /** The id of the last event that is known already. */
  readonly after?: string;
}

const ENDS: ReadonlySet<string> = new Set(["succeeded", "failed", "cancelled"]);
const PATH = "/fine_tuning/jobs";

/** Under this key a job's metadata has the name by which it is found again. */
const NAME = "askew";

export class FineTuning {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Whether the server has fine-tuning jobs at all. Costs nothing, and is asked once, with a short deadline.
   * @returns undefined where it cannot be told: the key may not ask, or the server is busy, broken or silent
   */
  async offered({ signal }: SignalOption = {}): Promise<boolean | undefined> {
    const any = z.object({ data: z.array(z.unknown()) });
    const call = {
      method: "GET",
      path: PATH,
      query: "?limit=1",
      signal,
      aside: true,
      deadline: SIDE_QUESTION,
    } as const;
    try {
      await this.#connection.json(call, "a list of jobs", any);
      return true;
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error;
      if (error.status === 404 || error.status === 405 || error.status === 501 || error.fault === "reply") return false;
      return undefined;
    }
  }

  /**
   * Creates the job of this name, or finds it where it is there already, so that a crash between asking and hearing costs no
   * second job. A name must be new for every job that is wanted.
   */
  async createOnce(name: string, job: NewJob, { signal }: SignalOption = {}): Promise<FineTuningJob> {
    const found = await this.find(name, { signal });
    if (found) return found;
    try {
      return await this.create({ ...job, metadata: { ...job.metadata, [NAME]: name } }, { signal });
    } catch (error) {
      if (!(error instanceof EndpointError) || !error.ambiguous) throw error;
      const made = await this.find(name, { signal });
      if (made) return made;
      throw error;
    }
  }

  /** The job that `createOnce` made under this name. */
  async find(name: string, { signal }: SignalOption = {}): Promise<FineTuningJob | undefined> {
    for await (const job of this.list({ signal })) if (job.metadata?.[NAME] === name) return job;
    return undefined;
  }

  /** Not tried again where the server may have made the job already. */
  create(job: NewJob, { signal }: SignalOption = {}): Promise<FineTuningJob> {
    const { model, trainingFile, validationFile, hyperparameters, seed, suffix, metadata } = job;
    const body = JSON.stringify({
      model,
      training_file: trainingFile,
      ...(validationFile !== undefined && { validation_file: validationFile }),
      ...(hyperparameters && { method: { type: "supervised", supervised: { hyperparameters } }, hyperparameters }),
      ...(seed !== undefined && { seed }),
      ...(suffix !== undefined && { suffix }),
      ...(metadata && { metadata }),
    });
    return this.#connection.json(
      { method: "POST", path: PATH, body, once: true, signal },
      "a fine-tuning job",
      jobSchema,
    );
  }

  get(id: string, { signal }: SignalOption = {}): Promise<FineTuningJob> {
    return this.#connection.json({ method: "GET", path: pathOf(id), signal }, "a fine-tuning job", jobSchema);
  }

  cancel(id: string, { signal }: SignalOption = {}): Promise<FineTuningJob> {
    const call = { method: "POST", path: `${pathOf(id)}/cancel`, signal } as const;
    return this.#connection.json(call, "a fine-tuning job", jobSchema);
  }

  /** All jobs, newest first. */
  list(options: PageOptions = {}): AsyncGenerator<FineTuningJob> {
    return listAll(this.#connection, PATH, "a list of fine-tuning jobs", jobSchema, options);
  }

  /** A job's events, newest first. */
  events(id: string, options: PageOptions = {}): AsyncGenerator<FineTuningEvent> {
    return listAll(this.#connection, `${pathOf(id)}/events`, "a list of events", eventSchema, options);
  }

  /** A job's checkpoints, newest first. */
  checkpoints(id: string, options: PageOptions = {}): AsyncGenerator<FineTuningCheckpoint> {
    return listAll(this.#connection, `${pathOf(id)}/checkpoints`, "a list of checkpoints", checkpointSchema, options);
  }

  /**
   * A job's events as they happen, oldest first, each once; returns the job when it has come to its end.
   * @throws {EndpointError} also where the job goes on telling events beyond all bounds
   */
  async *follow(id: string, options: FollowOptions = {}): AsyncGenerator<FineTuningEvent, FineTuningJob> {
    const { signal, interval = 5000 } = options;
    let last = options.after;
    let told = 0;
    for (;;) {
      // The state first: what happens between the two looks is then among the events.
      const job = await this.get(id, { signal });
      const fresh: FineTuningEvent[] = [];
      for await (const event of this.events(id, { signal })) {
        if (event.id === last) break;
        fresh.push(event);
      }
      told += fresh.length;
      if (told > LONGEST_LIST.rows) {
        throw tooLong(this.#connection.addressOf(`${pathOf(id)}/events`), "a job's events", `${count(told)} of them`);
      }
      for (const event of fresh.toReversed()) {
        last = event.id;
        yield event;
      }
      if (ENDS.has(job.status)) return job;
      await wait(interval, signal);
    }
  }
}

const pathOf = (id: string): string => `${PATH}/${encodeURIComponent(id)}`;

function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = CLOCK.after(milliseconds, () => {
      signal?.removeEventListener("abort", stop);
      resolve();
    });
    signal?.addEventListener("abort", stop, { once: true });
  });
}
