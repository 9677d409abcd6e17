/** Reads what a job has printed, as long as it prints. */
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { JOBS_FOLDER, readBatches, reopen, type Batch } from "../../executors/index.js";
import { RunError } from "../../run/index.js";
import { homesAbove, taskIn } from "./homes.js";

const PAUSE_MS = 1000;

/** Yields the log of the job that a run was last given to; with `follow` until the job has ended. */
export async function* logOf(folder: string, follow: boolean, signal?: AbortSignal): AsyncGenerator<string> {
  const { home, batch, task } = await jobFor(folder);
  const executor = reopen(home, batch);
  let shown = 0;
  for (;;) {
    // Looked at before the log is read, so that the end of an ended job's log is never missed.
    const [views] = follow ? await executor.look([batch]) : [];
    const state = views?.get(task)?.state;
    const text = await executor.log(batch, task);
    if (text.length > shown) yield text.slice(shown);
    shown = text.length;
    if (state !== "waiting" && state !== "running") return;
    await sleep(PAUSE_MS, undefined, signal && { signal });
  }
}

async function jobFor(
  folder: string,
): Promise<{ readonly home: string; readonly batch: Batch; readonly task: string }> {
  const own = resolve(folder);
  for (const home of [own, ...(await homesAbove(own)).toReversed()]) {
    const task = taskIn(home, own);
    const batch = (await readBatches(home)).findLast(({ tasks }) => tasks.includes(task));
    if (batch !== undefined) return { home, batch, task };
  }
  throw new RunError(
    `${folder}: expected a run that a job was submitted for, found no ${join(JOBS_FOLDER, "jobs.jsonl")} that names it.`,
  );
}
