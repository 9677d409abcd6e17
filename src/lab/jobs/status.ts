/** Tells how runs stand, from their own files, and what a scheduler says of those that it was given. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { latestOf, viewsOf } from "./follow.js";
import { homesAbove, taskIn } from "./homes.js";
import { JOBS_FOLDER, readBatches, reopen, type Batch, type TaskView } from "../../executors/index.js";
import { EVENTS_FILE, readRun, RunError } from "../../run/index.js";
import { readCell } from "../../study/index.js";
import { codeOf, holderOf, jsonLines, RUN_FILE } from "../../store/index.js";
import { AskewError } from "../../text/index.js";

export type RunState = "finished" | "running" | "waiting" | "failed" | "stopped";

export interface RunStatus {
  readonly folder: string;
  readonly kind: string;
  readonly state: RunState;
  /** The last thing that happened, as its events have it. */
  readonly last?: { readonly time: string; readonly type: string; readonly about: string };
  /** Which process has the folder. */
  readonly by?: { readonly pid: number; readonly host: string };
  /** The job it was given to, and what the scheduler says of it. */
  readonly job?: { readonly executor: string; readonly id: string; readonly reason?: string };
  /** The last lines of a job that failed. */
  readonly lines?: readonly string[];
}

const DEEPEST = 5;
const MOST_FOLDERS = 200_000;

export interface Statuses {
  readonly runs: readonly RunStatus[];
  /** Schedulers that gave no reply, in words. */
  readonly notes: readonly string[];
}

/** Every run in `folder` and in the folders inside it, the folder itself first. @throws {RunError} where there is none */
export async function statusOf(folder: string): Promise<Statuses> {
  const { runs: found, homes } = await runsIn(folder);
  if (found.length === 0) {
    throw new RunError(`${folder}: expected the folder of a run, or one with runs in it, found no ${RUN_FILE}.`);
  }
  const [jobs, notes] = await jobsOf([...(await homesAbove(folder)), ...homes], new Set(found));
  const runs: RunStatus[] = [];
  for (const path of found) runs.push(await oneStatus(path, jobs.get(path)));
  return { runs, notes };
}

interface Job {
  readonly batch: Batch;
  readonly home: string;
  readonly view: TaskView | undefined;
}

async function oneStatus(folder: string, job: Job | undefined): Promise<RunStatus> {
  const cell = await readCell(folder);
  const record = await readRun(folder);
  const kind = record?.kind ?? "cell of a study";
  const last = await lastEvent(folder);
  const isFinished = cell === undefined ? record?.status === "finished" : cell.status === "finished";
  const holder = isFinished ? undefined : await holderOf(folder);
  const state = isFinished ? "finished" : stateOf(holder !== undefined, last !== undefined, job);
  const about = {
    ...(last && { last }),
    ...(holder && { by: { pid: holder.pid, host: holder.host } }),
    ...(job && {
      job: {
        executor: job.batch.executor,
        id: job.batch.job ?? job.batch.id,
        ...(job.view?.reason !== undefined && { reason: job.view.reason }),
      },
    }),
  };
  if (state !== "failed" || job === undefined) return { folder, kind, state, ...about };
  const lines = await reopen(job.home, job.batch).lastLines(job.batch, taskIn(job.home, folder));
  return { folder, kind, state, ...about, lines };
}

function stateOf(isHeld: boolean, isBegun: boolean, job: Job | undefined): RunState {
  if (isHeld || job?.view?.state === "running") return "running";
  if (job?.view?.state === "waiting") return "waiting";
  // The scheduler has forgotten a job that ended long ago, or knows that it ended without finishing.
  if (job?.view !== undefined || (job !== undefined && isBegun)) return "failed";
  return "stopped";
}

/** Asks schedulers about the runs that they were given; a later home knows better. */
async function jobsOf(homes: readonly string[], runs: ReadonlySet<string>): Promise<[Map<string, Job>, string[]]> {
  const jobs = new Map<string, Job>();
  const notes: string[] = [];
  for (const home of homes) {
    const batches = await readBatches(home);
    const latest = latestOf(batches);
    for (const executor of new Set(batches.map((batch) => batch.executor))) {
      const own = batches.filter((batch) => batch.executor === executor);
      const tasks: string[] = [];
      for (const [task, batch] of latest) {
        if (batch.executor !== executor || !runs.has(join(home, task))) continue;
        if (!(await isRunFinished(join(home, task)))) tasks.push(task);
      }
      const [first] = own;
      if (first === undefined || tasks.length === 0) continue;
      let views: ReadonlyMap<string, TaskView> = new Map();
      try {
        views = await viewsOf(reopen(home, first), own, latest, tasks);
      } catch (error) {
        if (!AskewError.isInstance(error)) throw error;
        notes.push(error.message);
      }
      for (const task of tasks) {
        const batch = latest.get(task);
        if (batch !== undefined) jobs.set(join(home, task), { batch, home, view: views.get(task) });
      }
    }
  }
  return [jobs, notes];
}

/** True where a folder holds a finished run, or a finished cell of a study. */
export const isRunFinished = async (folder: string): Promise<boolean> =>
  ((await readCell(folder)) ?? (await readRun(folder)))?.status === "finished";

interface Found {
  readonly runs: readonly string[];
  /** Folders that jobs were submitted from. */
  readonly homes: readonly string[];
}

async function runsIn(folder: string): Promise<Found> {
  const found: string[] = [];
  const homes: string[] = [];
  let seen = 0;
  const visit = async (path: string, depth: number): Promise<void> => {
    const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
      if (depth > 0) return [];
      const why = codeOf(error) === "ENOENT" ? "there is no such folder" : "the folder cannot be read";
      throw new RunError(`${path}: ${why}`, { cause: error });
    });
    if (entries.some((entry) => entry.name === RUN_FILE || entry.name === "cell.json")) found.push(path);
    if (entries.some((entry) => entry.name === JOBS_FOLDER)) homes.push(path);
    if (depth === DEEPEST) return;
    for (const entry of entries) {
      if (!entry.isDirectory() || entry.name.startsWith(".") || entry.name === "node_modules") continue;
      if (++seen > MOST_FOLDERS) throw new RunError(`${folder}: it holds more than ${MOST_FOLDERS} folders. Name one.`);
      await visit(join(path, entry.name), depth + 1);
    }
  };
  await visit(folder, 0);
  return { runs: found, homes };
}

async function lastEvent(folder: string): Promise<RunStatus["last"]> {
  let last:
    | { readonly time?: unknown; readonly type?: unknown; readonly phase?: unknown; readonly step?: unknown }
    | undefined;
  try {
    for await (const { values } of jsonLines<typeof last & object>(join(folder, EVENTS_FILE))) last = values;
  } catch (error) {
    if (!AskewError.isInstance(error)) throw error;
  }
  if (typeof last?.time !== "string" || typeof last.type !== "string") return undefined;
  return { time: last.time, type: last.type, about: aboutOf(last) };
}

const aboutOf = ({ phase, step }: { readonly phase?: unknown; readonly step?: unknown }): string =>
  typeof phase === "string" ? phase : typeof step === "number" ? String(step) : "";
