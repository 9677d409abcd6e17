/** Follows jobs of a scheduler for a command: progress, Ctrl-C that leaves them alone, and what can be done then. */
import { resolve } from "node:path";
import { followJobs, openExecutor, type Counts, type Tasks } from "../../lab/index.js";
import { isEndpointName, parseEndpointName } from "../../model/index.js";
import type { PlannedJobs } from "../../study/index.js";
import { CountProgress, askewCommand, onInterrupt, quoted } from "../../terminal/index.js";
import { Interrupted } from "../../text/index.js";
import type { OnFlags } from "./on-flags.js";

export interface Elsewhere {
  /** The folder that tasks are relative to, as the user named it. */
  readonly home: string;
  /** Begins the names of jobs. */
  readonly name: string;
  /** The things that progress counts: `cells`. */
  readonly things: string;
  readonly settings: PlannedJobs;
  readonly flags: OnFlags & { readonly threads?: number };
  /** Models behind servers that the user named, to which keys may go. */
  readonly servers: readonly string[];
}

export type Follow = (tasks: Tasks) => Promise<"finished" | "detached">;

/** Lets `work` follow tasks. Whoever leaves it hears how the jobs are found again. */
export async function elsewhere<T>(wanted: Elsewhere, work: (follow: Follow) => Promise<T>): Promise<T> {
  const { home, name, things, settings, flags, servers } = wanted;
  const { on, detach = false, threads } = flags;
  if (on === "local") throw new RangeError("elsewhere: local is here");
  let counted: string | undefined;
  const progress = new CountProgress(process.stderr, things, () => counted);
  const interrupt = onInterrupt(
    () => progress.stopping("Leaving; the jobs go on."),
    () => progress.close(),
  );
  const job = {
    home: resolve(home),
    cwd: process.cwd(),
    askew: [process.execPath, process.argv[1] ?? "askew"],
    options: [
      ...(threads === undefined ? [] : ["--threads", String(threads)]),
      ...[...new Set(servers)]
        .filter(isEndpointName)
        .flatMap((server) => ["--host", new URL(parseEndpointName(server).base).host]),
    ],
  };
  const status = `${askewCommand()} status ${quoted(home)}`;
  try {
    const { executor, maxParallel } = await openExecutor(on, job, settings, flags);
    let left = false;
    const done = await work(async (tasks) => {
      const end = await followJobs(tasks, executor, {
        home,
        name,
        detach,
        signal: interrupt.signal,
        ...(maxParallel !== undefined && { maxParallel }),
        onNotice: (line) => progress.keep(line),
        onCounts: (counts) => {
          counted = countsText(counts);
          progress.hear({ done: counts.finished, total: counts.total, failed: counts.failed });
        },
      });
      left ||= end === "detached";
      return end;
    });
    progress.close();
    if (left) process.stderr.write(`The jobs go on alone. ${status} shows them; the same command follows them.\n`);
    return done;
  } catch (error) {
    progress.close();
    if (!interrupt.signal.aborted || error !== interrupt.signal.reason) throw error;
    const cancel = `${askewCommand()} cancel ${quoted(home)}`;
    process.stderr.write(`The jobs go on. ${status} shows them, the same command follows them, ${cancel} ends them.\n`);
    throw new Interrupted(interrupt.exitCode);
  } finally {
    progress.close();
    interrupt.release();
  }
}

const countsText = ({ running, waiting }: Counts): string => `${running} running, ${waiting} waiting`;
