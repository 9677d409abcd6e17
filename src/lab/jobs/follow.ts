/**
 * Tasks on a scheduler, from submission to the end: what is finished stands in the tasks' own folders, what waits and
 * runs the scheduler says. Ended or begun anew, the same call finds the jobs that are there and submits what is missing.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { readBatches, submitBatch, type Batch, type Executor, type TaskView } from "../../executors/index.js";
import { AskewError, printable } from "../../text/index.js";

export interface Tasks {
  /** Folders, relative to `home`. */
  readonly tasks: readonly string[];
  readonly isFinished: (task: string) => Promise<boolean>;
}

export interface FollowOptions {
  readonly home: string;
  /** Begins the names of batches. */
  readonly name: string;
  /** For an executor that keeps no queue: tasks that are submitted and not ended. */
  readonly maxParallel?: number;
  /** Returns once everything that can be is submitted. */
  readonly detach?: boolean;
  readonly signal?: AbortSignal;
  readonly onCounts?: (counts: Counts) => void;
  /** One line at a time about what happens. */
  readonly onNotice?: (line: string) => void;
}

export interface Counts {
  readonly total: number;
  readonly finished: number;
  readonly running: number;
  readonly waiting: number;
  readonly failed: number;
}

/** A job that ended and whose task is not finished. */
interface Failure {
  readonly task: string;
  readonly reason: string;
  readonly lines: readonly string[];
}

/** A task that a machine loses is submitted again as often as this. */
const MOST_TRIES = 5;
const USUAL_PARALLEL = 8;
/** Between two looks at the scheduler, in seconds: often at first, then by how long it has taken. */
const SHORTEST = 1;
const LONGEST = 30;

const FAILURES_SHOWN = 5;

/** @throws {AskewError} where a task's job has failed, with the last lines of the first few */
export async function followJobs(
  { tasks, isFinished }: Tasks,
  executor: Executor,
  options: FollowOptions,
): Promise<"finished" | "detached"> {
  const { home, name, signal, onCounts, onNotice = () => undefined } = options;
  const began = performance.now();
  const finished = new Set<string>();
  const failures = new Map<string, Failure>();
  const tries = new Map<string, number>();
  /** Seen ended once with its task unfinished: a shared file system may show the end a moment later. */
  const doubted = new Set<string>();

  for (;;) {
    signal?.throwIfAborted();
    for (const task of tasks) if (!finished.has(task) && (await isFinished(task))) finished.add(task);
    const batches = (await readBatches(home)).filter((batch) => batch.executor === executor.name);
    const latest = latestOf(batches);
    const open = tasks.filter((task) => !finished.has(task) && !failures.has(task));
    const views = await viewsOf(executor, batches, latest, open);
    const [submit, active]: [string[], string[]] = [[], []];
    for (const task of open) {
      const view = views.get(task);
      const tried = tries.get(task) ?? 0;
      if (view?.state === "waiting" || view?.state === "running") {
        active.push(task);
        tries.set(task, Math.max(1, tried)); // of an earlier session
      } else if (tried === 0) submit.push(task);
      else if (!doubted.has(task)) doubted.add(task);
      else if (view?.again === true && tried < MOST_TRIES) submit.push(task);
      else {
        const batch = latest.get(task);
        const lines = batch === undefined ? [] : await executor.lastLines(batch, task);
        const failure = { task, reason: view?.reason ?? "it ended without finishing", lines };
        failures.set(task, failure);
        onNotice(told(failure));
      }
    }
    const room = executor.queues ? Infinity : (options.maxParallel ?? USUAL_PARALLEL) - active.length;
    const now = submit.slice(0, Math.max(0, room));
    if (now.length > 0) {
      const { job } = await submitBatch(home, executor, name, now);
      onNotice(`${now.length} ${now.length === 1 ? "job" : "jobs"} submitted to ${executor.name}: ${job}`);
      for (const task of now) {
        tries.set(task, (tries.get(task) ?? 0) + 1);
        doubted.delete(task);
      }
    }
    const running = active.filter((task) => views.get(task)?.state === "running").length;
    onCounts?.({
      total: tasks.length,
      finished: finished.size,
      running,
      waiting: tasks.length - finished.size - failures.size - running,
      failed: failures.size,
    });
    if (finished.size + failures.size === tasks.length) break;
    if (options.detach === true && submit.length === now.length) return "detached";
    const seconds = (performance.now() - began) / 1000;
    await sleep(1000 * Math.min(LONGEST, Math.max(SHORTEST, seconds / 60)), undefined, signal && { signal }).catch(
      () => undefined,
    );
  }
  if (failures.size > 0) throw failed([...failures.values()], tasks.length);
  return "finished";
}

/** The batch that each task was last submitted in. */
export const latestOf = (batches: readonly Batch[]): ReadonlyMap<string, Batch> =>
  new Map(batches.flatMap((batch) => batch.tasks.map((task) => [task, batch] as const)));

/** Asks only about batches that a task was last submitted in. */
export async function viewsOf(
  executor: Executor,
  batches: readonly Batch[],
  latest: ReadonlyMap<string, Batch>,
  tasks: readonly string[],
): Promise<ReadonlyMap<string, TaskView>> {
  const wanted = new Set(tasks.map((task) => latest.get(task)?.id));
  const asked = batches.filter(({ id }) => wanted.has(id));
  const found = asked.length === 0 ? [] : await executor.look(asked);
  return new Map(
    tasks.flatMap((task) => {
      const view = found[asked.findIndex(({ id }) => id === latest.get(task)?.id)]?.get(task);
      return view === undefined ? [] : [[task, view] as const];
    }),
  );
}

const told = ({ task, reason, lines }: Failure): string =>
  printable([`${task} failed: ${reason}`, ...lines.map((line) => `  ${line}`)].join("\n"));

function failed(failures: readonly Failure[], total: number): AskewError {
  const shown = failures.slice(0, FAILURES_SHOWN).map(({ task, reason }) => `${task} (${reason})`);
  const more = failures.length - shown.length;
  const rest = more === 0 ? "" : ` and ${more} more`;
  return new AskewError(`${failures.length} of ${total} jobs failed: ${shown.join(", ")}${rest}`, {
    kind: "incomplete",
    hint: "The same command submits them again, and each carries on where it stopped.",
  });
}
