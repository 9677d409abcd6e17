/** Shared by `askew ask` and `askew judge`: progress, Ctrl-C, and a lock, so that one command at a time writes a file. */
import { Interrupted } from "../../text/index.js";
import { onInterrupt, CountProgress } from "../../terminal/index.js";
import { makeFolderOf, lockFile } from "../../store/index.js";

export interface Counting {
  readonly signal: AbortSignal;
  readonly progress: CountProgress;
}

interface Job {
  /** The things that are counted: `answers`. */
  readonly things: string;
  /** The file that grows. */
  readonly path: string;
  /** The cost so far. */
  readonly cost: () => string | undefined;
}

/** Runs `work` while nobody else writes to the file; a clean stop throws `Interrupted`. */
export async function counted<T>({ things, path, cost }: Job, work: (counting: Counting) => Promise<T>): Promise<T> {
  makeFolderOf(path);
  const lock = await lockFile(path);
  const progress = new CountProgress(process.stderr, things, cost);
  const interrupt = onInterrupt(
    () => progress.stopping("Stopping. Press Ctrl-C again to stop at once; nothing that is written is lost."),
    progress.close,
  );
  try {
    return await work({ signal: interrupt.signal, progress });
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    progress.close();
    process.stderr.write(`Stopped. What is there is kept in ${path}; the same command carries on from here.\n`);
    throw new Interrupted(interrupt.exitCode);
  } finally {
    progress.close();
    interrupt.release();
    await lock.release();
  }
}
