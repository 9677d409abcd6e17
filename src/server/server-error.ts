import { StoreError, systemFailure } from "../store/index.js";
import { AskewError } from "../text/index.js";

/** The server cannot start, or cannot keep what it is given; the message names the cure. */
export class ServerError extends AskewError {
  override readonly name = "ServerError";
}

/** The same failure with its path and a cure; undefined where it is no refusal of the file system. */
export function storageFailure(error: unknown): ServerError | undefined {
  const reason = systemFailure(error);
  if (reason === undefined) return undefined;
  const root = error instanceof StoreError ? error.cause : error;
  const what = (root as NodeJS.ErrnoException).path ?? "the folder of --data";
  return new ServerError(
    `cannot use ${what}: ${reason}. Free some space, put the folder back, or make it writable; jobs carry on by themselves.`,
    { cause: error },
  );
}
