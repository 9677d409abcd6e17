/** The one table of what the file system's error codes mean, and what helps. */
import { StoreError } from "./file-error.js";

const AGAIN = "Free some space and give the same command again: it carries on where it stopped.";
const ELSEWHERE = "Choose another folder with --out.";

const SYSTEM: Readonly<Record<string, readonly [what: string, cure: string]>> = {
  ENOSPC: ["the disk is full", AGAIN],
  EDQUOT: ["the disk quota is used up", AGAIN],
  EFBIG: ["the file would be larger than the system allows", "Raise the limit or choose another folder with --out."],
  EACCES: ["permission is denied", "Choose a folder you may write to with --out."],
  EPERM: ["the system does not permit it", "Choose a folder you may write to with --out."],
  EROFS: ["the file system is read-only", ELSEWHERE],
  EEXIST: ["something else has that name", ELSEWHERE],
  ENOTDIR: ["part of the path is a file, not a folder", ELSEWHERE],
  EISDIR: ["it is a folder, not a file", ELSEWHERE],
  ENOTEMPTY: ["the folder is not empty", ELSEWHERE],
  ELOOP: ["it is a symbolic link, which askew does not write through", "Name the file or folder itself."],
  ENAMETOOLONG: ["the name is too long", "Choose a shorter one."],
  ENOENT: [
    "there is no such file or folder",
    "Check the path; if it was removed meanwhile, give the same command again.",
  ],
  ENFILE: ["too many files are open", "Close other programs and give the same command again."],
  EMFILE: ["too many files are open", "Raise the limit with `ulimit -n` and give the same command again."],
  EIO: ["the disk reports an error", "Check the disk, or choose a folder on another one with --out."],
};

/** What a failure of the file system means: `the disk is full (ENOSPC)`; undefined for every other error. */
export function systemFailure(error: unknown): string | undefined {
  const code = codeOf(error instanceof StoreError ? error.cause : error);
  return code !== undefined && Object.hasOwn(SYSTEM, code) ? `${SYSTEM[code]?.[0]} (${code})` : undefined;
}

/** What a failure of the file system means, in one sentence with its cure; undefined for every other error. */
export function explainSystemError(error: unknown, path?: string): string | undefined {
  const code = codeOf(error);
  const known = code === undefined || !Object.hasOwn(SYSTEM, code) ? undefined : SYSTEM[code];
  if (known === undefined) return undefined;
  const where = path ?? (error as NodeJS.ErrnoException).path;
  return `${where === undefined ? "" : `cannot use ${where}: `}${known[0]} (${code}). ${known[1]}`;
}

/** Runs `action`, which reads or writes `path`; a failure of the file system says the path and the cure. */
export async function storing<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw asStoreError(error, path);
  }
}

/** The same failure with its path and cure; anything else as it is. */
export function asStoreError(error: unknown, path: string): unknown {
  const known = error instanceof StoreError ? undefined : explainSystemError(error, path);
  return known === undefined ? error : new StoreError(known, { cause: error });
}

export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : undefined;
}
