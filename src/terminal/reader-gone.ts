/** Whoever reads the output may go away (`askew … | head`): that is no fault, and nothing that computes ends for it. */

const controller = new AbortController();

/** Aborted once nobody reads stdout any more. */
export const readerGone: AbortSignal = controller.signal;

export function watchReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      if (stream === process.stdout) controller.abort();
    });
  }
}
