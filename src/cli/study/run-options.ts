/** Shared by commands that compute: Ctrl-C, progress, and opening models. */
import { openModel, type OpenOptions } from "../../model/index.js";
import type { RunOptions } from "../../study/index.js";
import { Interrupted, printable } from "../../text/index.js";
import { onInterrupt } from "../../terminal/index.js";
import { type StudyProgress, watchStudy } from "../../views/index.js";
import { commandOf } from "../run/this-command.js";

const STOPPING = "Stopping after this step. Press Ctrl-C again to stop at once; nothing that is finished is lost.";

/** Runs `work` with progress on stderr, and `server` for models behind servers; a clean stop throws `Interrupted`. */
export async function watched<T>(
  threads: number | undefined,
  work: (options: RunOptions) => Promise<T>,
  server: OpenOptions = {},
): Promise<T> {
  const progress = watchStudy(process.stderr);
  const interrupt = onInterrupt(
    () => progress.stopping(STOPPING),
    () => progress.close(),
  );
  const onNotice = (notice: string): void => progress.note(printable(notice));
  try {
    return await work({
      openModel: (name, more) =>
        openModel(name, { ...server, onNotice, ...(threads !== undefined && { threads }), ...more }),
      onEvent: (event) => progress.hear(event),
      onNotice,
      signal: interrupt.signal,
      ...commandOf(),
    });
  } catch (error) {
    if (!interrupt.signal.aborted || error !== interrupt.signal.reason) throw error;
    progress.close();
    process.stderr.write(`${stopped(progress)}\n`);
    throw new Interrupted(interrupt.exitCode);
  } finally {
    progress.close();
    interrupt.release();
  }
}

function stopped({ state }: StudyProgress): string {
  const { finished, cells } = state;
  const kept = cells === 0 ? "" : ` ${finished} of ${cells} ${cells === 1 ? "cell is" : "cells are"} finished.`;
  return `Stopped.${kept} The same command carries on from here.`;
}
