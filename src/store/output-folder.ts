/** The folder that a command writes to, made before any work is done. */
import { mkdirSync, rmdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UsageError } from "../text/index.js";

/**
 * Makes `folder` and those above it, one at a time: Node's recursive mkdir does not come back from file systems that
 * refuse new folders with ENOENT, such as /proc.
 */
export function makeOutputFolder(folder: string): void {
  if (folder === "") throw new UsageError("the folder to write to has no name", CURE);
  const missing: string[] = [];
  for (let path = resolve(folder); !isFolder(path, folder); path = dirname(path)) missing.unshift(path);
  for (const path of missing) {
    try {
      mkdirSync(path);
      leaveNoneEmpty(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST" && isFolder(path, folder)) continue; // made by another process in between
      if (code === "ENOENT") throw new UsageError(`cannot make the folder ${path}: its file system takes none`, CURE);
      throw error;
    }
  }
}

const made: string[] = [];

/** A command that fails before it wrote anything takes away the folders that it made: they would look like a result. */
function leaveNoneEmpty(folder: string): void {
  if (made.length === 0) process.once("exit", removeEmpty);
  made.push(folder);
}

function removeEmpty(): void {
  for (const folder of made.toReversed()) {
    try {
      rmdirSync(folder); // refuses a folder that holds something
    } catch {
      return;
    }
  }
}

/**
 * Makes the folder that a file is to lie in. Files are renamed into place, which would put one where a device was
 * (/dev/stdout, /dev/full) and cannot put one where a folder is.
 */
export function makeFolderOf(file: string): void {
  if (file === "") throw new UsageError("the file to write to has no name", "Name one with --out.");
  const path = resolve(file);
  makeOutputFolder(dirname(path));
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return;
  const what = found.isDirectory() ? "a folder" : "no regular file";
  throw new UsageError(`cannot write ${file}: it is ${what}`, "Name another file with --out.");
}

const CURE = "Choose another folder with --out.";

/** False where there is nothing; a file is an error. */
function isFolder(path: string, wanted: string): boolean {
  let found;
  try {
    found = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOTDIR") throw error;
  }
  if (found !== undefined && !found.isDirectory()) {
    throw new UsageError(`cannot use ${wanted} as a folder: ${path} is a file`, CURE);
  }
  return found !== undefined;
}
