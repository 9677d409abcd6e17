/**
 * What starts runs somewhere else. A task is one folder, and its job is `askew run FOLDER`. Batches of tasks are written
 * down before they are submitted, so a later session finds them again by their names; nothing of askew has to stay up.
 */

export const EXECUTORS = ["slurm", "ray"] as const;
export type ExecutorName = (typeof EXECUTORS)[number];

/** Tasks that were submitted together. */
export interface Batch {
  /** Unique; the scheduler knows the batch by it. */
  readonly id: string;
  readonly executor: ExecutorName;
  /** Folders, relative to the home of the batch. */
  readonly tasks: readonly string[];
  /** ISO 8601. */
  readonly at: string;
  /** Where the scheduler is, for one that has an address. */
  readonly address?: string;
  /** The scheduler's own name for it; absent when the session ended before it was known. */
  readonly job?: string;
}

export type TaskState = "waiting" | "running" | "ended" | "failed";

/** What the scheduler knows of a task. */
export interface TaskView {
  readonly state: TaskState;
  /** The scheduler's own word: `TIMEOUT`, `OUT_OF_MEMORY`; of a waiting task, why it waits. */
  readonly reason?: string;
  /** Whether the machine is at fault, so that the same task can be submitted again at once. */
  readonly again?: boolean;
}

export interface Executor {
  readonly name: ExecutorName;
  readonly address?: string;
  /** Whether it keeps tasks waiting and bounds how many run; otherwise askew submits the next one when one has ended. */
  readonly queues: boolean;
  /** Refuses, before anything is written, a scheduler that is not there. @throws {ExecutorError} */
  check(): Promise<void>;
  /** Returns the scheduler's name for the batch. @throws {ExecutorError} where it is refused */
  submit(batch: Batch): Promise<string>;
  /** Views by task of the batch; a task that the scheduler has forgotten has none. */
  look(batches: readonly Batch[]): Promise<readonly ReadonlyMap<string, TaskView>[]>;
  /** @param only these tasks; by default all of the batches */
  cancel(batches: readonly Batch[], only?: ReadonlySet<string>): Promise<void>;
  /** Everything that a task's job has printed; of a very long log, its end. */
  log(batch: Batch, task: string): Promise<string>;
  /** The last lines that a task's job has printed. */
  lastLines(batch: Batch, task: string): Promise<readonly string[]>;
}

/** What every executor is told about the jobs that it starts. */
export interface JobPlan {
  /** The folder that tasks are relative to; `jobs/` in it is the executor's. */
  readonly home: string;
  /** Where the user typed the command: names of models may be relative to it. */
  readonly cwd: string;
  /** The words of `askew` itself: the program and its first arguments. */
  readonly askew: readonly string[];
  /** Words after `askew run FOLDER`. */
  readonly options: readonly string[];
  readonly maxParallel?: number;
}
