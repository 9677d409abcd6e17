/** Fine-tuning jobs of the server that a model is behind, in the terms of OpenAI's API. */

export interface FineTuningJobState {
  readonly id: string;
  /** `validating_files`, `queued`, `running`, `succeeded`, `failed`, `cancelled`, `paused`. */
  readonly status: string;
  readonly fine_tuned_model?: string | null | undefined;
  readonly trained_tokens?: number | null | undefined;
  readonly hyperparameters?: Readonly<Record<string, unknown>> | null | undefined;
  readonly error?: { readonly message?: string | null | undefined } | null | undefined;
}

export interface FineTuningJobEvent {
  readonly id: string;
  readonly message: string;
  readonly type?: string | null | undefined;
  /** Of a `metrics` event: `step`, `train_loss`, … */
  readonly data?: Readonly<Record<string, unknown>> | null | undefined;
}

interface JobOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface FineTuningJobs {
  /** What the server calls the model. */
  readonly served: string;
  /** The name by which askew opens another model of this server. */
  nameOf(served: string): string;
  /** Uploads a training file from disk. */
  upload(path: string, options?: JobOptions): Promise<{ readonly id: string }>;
  /**
   * Creates the job of this name, or finds it where it is there already, so that a crash between asking and hearing costs
   * no second job.
   */
  createOnce(
    name: string,
    job: {
      readonly model: string;
      /** Id of an uploaded file. */
      readonly trainingFile: string;
      readonly hyperparameters?: Readonly<Record<string, number | string>>;
      readonly seed?: number;
      /** A part of the new model's name. */
      readonly suffix?: string;
    },
    options?: JobOptions,
  ): Promise<FineTuningJobState>;
  /** The job that `createOnce` made under this name. */
  find(name: string, options?: JobOptions): Promise<FineTuningJobState | undefined>;
  cancel(id: string, options?: JobOptions): Promise<FineTuningJobState>;
  /** A job's checkpoints, newest first. */
  checkpoints(
    id: string,
    options?: JobOptions,
  ): AsyncIterable<{ readonly step_number: number; readonly fine_tuned_model_checkpoint: string }>;
  /** A job's events as they happen, oldest first, each once; returns the job when it has come to its end. */
  follow(
    id: string,
    options?: JobOptions & {
      /** Milliseconds between looks; default 5,000. */
      readonly interval?: number;
      /** The id of the last event that is known already. */
      readonly after?: string;
    },
  ): AsyncGenerator<FineTuningJobEvent, FineTuningJobState>;
}
