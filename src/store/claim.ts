/**
 * What is askew's own. It deletes and overwrites only what its own record says it made; anything else that stands where
 * it would write is refused by name, and nothing is touched. A folder's record is `run.json`, written before anything
 * else in it; that of single files is `.askew.jsonl` beside them, a line with the hash of each.
 */
import { lstat, opendir, readdir, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { replaceFile } from "./atomic-file.js";
import { StoreError } from "./file-error.js";
import { fileSha256 } from "./hash.js";
import { readJsonIfPresent, writeJson } from "./json-file.js";
import { lockFolder, type Lock } from "./lock.js";
import { makeFolder } from "./make-folder.js";
import { appendRows, readRows } from "./row-file.js";
import { codeOf, storing } from "./system-error.js";

export const RUN_FILE = "run.json";
const FILES_MADE = ".askew.jsonl";

export interface FolderKind {
  /** What the folder is for: `fine-tune`, `study`. A folder takes one kind. */
  readonly kind: string;
  /** Names of all files and folders that this kind of work writes in it. */
  readonly files: readonly string[];
  /** One of `files` that by itself says the same where it `fits`; by default, where it has `"format": 1`. */
  readonly record?: string;
  readonly fits?: (record: object) => boolean;
  /** Whether it lies in another of askew's folders, and so may be no link to anywhere. */
  readonly inside?: boolean;
  /** The option that names another folder; default `--out`. */
  readonly option?: string;
}

/** What `run.json` says. */
export interface FolderRecord {
  readonly format: 1;
  readonly kind: string;
  readonly files: readonly string[];
  readonly [more: string]: unknown;
}

/**
 * Takes a folder for this process: makes it if need be, refuses what is not askew's own in it, locks it, writes down
 * what it is for, and removes what killed runs left half-written.
 * @throws {StoreError} with the name of what askew did not make; nothing was touched
 */
export async function takeFolder(folder: string, kind: FolderKind): Promise<Lock> {
  await refuseStrangers(folder, kind);
  await storing(folder, () => makeFolder(folder));
  const lock = await lockFolder(folder, kind.option);
  try {
    const found = await refuseStrangers(folder, kind); // somebody may have come in between
    const files = [...new Set([...(found?.files ?? []), ...kind.files])];
    const isKnown = found === undefined ? await hasRecord(folder, kind) : files.length === found.files.length;
    if (!isKnown) {
      await writeJson(join(folder, RUN_FILE), { format: 1, ...found, kind: kind.kind, files });
    }
    await removeTemporaries(folder, [RUN_FILE, ...files]);
    return lock;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Refuses, before anything is computed, a folder that holds what is not askew's own. Returns its record. */
export async function refuseStrangers(folder: string, kind: FolderKind): Promise<FolderRecord | undefined> {
  const { option = "--out", inside = false } = kind;
  if (inside && (await statOf(folder))?.isSymbolicLink() === true) throw linked(folder, option);
  await storing(folder, () => requireFolder(folder));
  const path = join(folder, RUN_FILE);
  const found = (await isThere(path)) ? await readJsonIfPresent(path) : undefined;
  if (found !== undefined && !isRecord(found)) throw notOwn(path, option);
  if (found !== undefined && found.kind !== kind.kind) {
    throw new StoreError(`${folder} holds a ${found.kind}, not a ${kind.kind}. Choose another folder with ${option}.`);
  }
  const own = found?.files ?? ((await hasRecord(folder, kind)) ? kind.files : []);
  for (const name of kind.files) {
    const file = join(folder, name);
    const stat = await statOf(file);
    if (stat === undefined) continue;
    if (stat.isSymbolicLink()) throw linked(file, option);
    if (!own.includes(name)) throw notOwn(file, option);
  }
  return found;
}

/** @throws ENOTDIR where it, or a part of its path, is a file */
async function requireFolder(folder: string): Promise<void> {
  await opendir(folder).then(
    (opened) => opened.close(),
    (error: unknown) => (codeOf(error) === "ENOENT" ? undefined : Promise.reject(error)),
  );
}

/** Whether another file of its kind says what the folder is for. */
async function hasRecord(folder: string, { record, fits = isFormat1 }: FolderKind): Promise<boolean> {
  if (record === undefined || !(await isThere(join(folder, record)))) return false;
  const value = await readJsonIfPresent(join(folder, record));
  return typeof value === "object" && value !== null && fits(value);
}

const isFormat1 = (record: { readonly format?: unknown }): boolean => record.format === 1;

function isRecord(value: unknown): value is FolderRecord {
  const { format, kind, files } = (value ?? {}) as Partial<FolderRecord>;
  return (
    format === 1 && typeof kind === "string" && Array.isArray(files) && files.every((name) => typeof name === "string")
  );
}

/**
 * Temporary files of atomic writes to `names`, as `.weights.safetensors.123.0123456789ab.tmp`, and of any file in those
 * of them that are folders; no others.
 */
async function removeTemporaries(folder: string, names: readonly string[]): Promise<void> {
  await storing(folder, async () => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const name = temporaryFor(entry.name);
      if (name !== undefined && names.includes(name)) await unlink(join(folder, entry.name));
      if (!entry.isDirectory() || !names.includes(entry.name)) continue;
      for (const inner of await readdir(join(folder, entry.name))) {
        if (temporaryFor(inner) !== undefined) await unlink(join(folder, entry.name, inner));
      }
    }
  });
}

/** The name of the file that a temporary one is for. */
const temporaryFor = (entry: string): string | undefined => /^\.(.+)\.\d+\.[0-9a-f]{12}\.tmp$/.exec(entry)?.[1];

/**
 * Refuses to write over a file that askew has not made, or that was changed since.
 * @throws {StoreError} which names it
 */
export async function claimFile(path: string, option = "--out"): Promise<void> {
  const stat = await statOf(path);
  if (stat === undefined) return;
  if (stat.isSymbolicLink()) throw linked(path, option);
  if (!stat.isFile()) throw new StoreError(`cannot write ${path}: it is no regular file. Name another with ${option}.`);
  const [folder, file] = placeOf(path);
  const rows = await readRows<{ file?: unknown; sha256?: unknown }>(join(folder, FILES_MADE));
  const made = rows.filter((row) => row.file === file);
  if (made.length === 0) throw notOwn(path, option);
  const sha256 = await fileSha256(path);
  if (made.some((row) => row.sha256 === sha256)) return;
  throw new StoreError(
    `${path} was changed since askew made it, so it is left alone. Move it, or choose another place with ${option}.`,
  );
}

/**
 * Makes a single file that a user named, in one step; never over one that askew has not made.
 * @param write writes all of it under another name
 */
export async function makeFile<T>(path: string, write: (temporary: string) => Promise<T>, option?: string): Promise<T> {
  await claimFile(path, option);
  return storing(path, () => replaceFile(path, write, (temporary) => recordFile(path, temporary)));
}

/** Writes down that askew makes `path`, whose bytes `temporary` has. */
export async function recordFile(path: string, temporary: string): Promise<void> {
  const [folder, file] = placeOf(path);
  await appendRows(join(folder, FILES_MADE), [{ file, sha256: await fileSha256(temporary) }]);
}

const placeOf = (path: string): [folder: string, file: string] => [dirname(resolve(path)), basename(path)];

async function statOf(path: string) {
  return lstat(path).catch((error: unknown) => {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error) ?? "")) return undefined;
    return storing(path, () => Promise.reject(error));
  });
}

const isThere = async (path: string): Promise<boolean> => (await statOf(path)) !== undefined;

const notOwn = (path: string, option: string): StoreError =>
  new StoreError(
    `${path}: askew did not make this, so it is left alone. Move it, or choose another place with ${option}.`,
  );

const linked = (path: string, option: string): StoreError =>
  new StoreError(
    `${path} is a symbolic link, and askew writes through none. Remove it, or choose another place with ${option}.`,
  );
