/** Folders that jobs were submitted from: the record of a run's job is in its own folder, or in one above it. */
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { JOBS_FOLDER } from "../../executors/index.js";
import { RUN_FILE } from "../../store/index.js";

/** A study of several models has its cells so far below the folder of its jobs. */
const HIGHEST = 6;

/** The name of a run in the record of `home`; the home itself is `.`. */
export const taskIn = (home: string, folder: string): string => relative(home, folder).replaceAll("\\", "/") || ".";

/** Homes above a folder, the highest first. Paths are as far relative as `folder` is. */
export async function homesAbove(folder: string): Promise<string[]> {
  return above(folder).filter((home) => existsSync(join(home, JOBS_FOLDER, "jobs.jsonl")));
}

function above(folder: string): string[] {
  const found: string[] = [];
  for (let at = folder, i = 0; i < HIGHEST; i++) {
    const next = at === "." || /(?:^|[\\/])\.\.$/.test(at) ? join(at, "..") : dirname(at);
    if (next === at) break;
    found.unshift((at = next));
  }
  return found;
}

/**
 * The folder that jobs for these folders are written down in: one that has such a record, else the run that has all of them
 * in it, else the folder that all of them lie in.
 */
export function homeFor(folders: readonly string[]): string {
  const [first = ".", ...others] = folders;
  const common = above(first).filter((home) => others.every((other) => !relative(home, other).startsWith("..")));
  const nearest = common.toReversed();
  return (
    nearest.find((home) => existsSync(join(home, JOBS_FOLDER, "jobs.jsonl"))) ??
    nearest.find((home) => existsSync(join(home, RUN_FILE))) ??
    nearest[0] ??
    dirname(first)
  );
}
