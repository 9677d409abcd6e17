/** The server cannot start, or cannot keep what it is given; the message names the cure. */
export class ServerError extends Error {
  override readonly name = "ServerError";
}

/** What the file system refused, and what helps. */
const REFUSALS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than the system allows",
  EROFS: "the file system is read-only",
  EACCES: "permission is denied",
  EPERM: "the system does not permit it",
  ENOENT: "a folder of the path is missing",
  ENOTDIR: "part of the path is a file, not a folder",
  ELOOP: "something on the path is a symbolic link, which askew did not make",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  EIO: "the disk reports an error",
};

/** Why the file system refused, in words; undefined for any other error. */
export function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  const reason = code === undefined ? undefined : REFUSALS[code];
  return reason === undefined ? undefined : `${reason} (${code})`;
}

/** The same failure with its path and a cure; undefined where it is no refusal of the file system. */
export function storageFailure(error: unknown): ServerError | undefined {
  const reason = refusalOf(error);
  if (reason === undefined) return undefined;
  const what = (error as NodeJS.ErrnoException).path ?? "the folder of --data";
  return new ServerError(
    `cannot use ${what}: ${reason}. Free some space or put the folder back; jobs carry on by themselves.`,
    { cause: error },
  );
}
