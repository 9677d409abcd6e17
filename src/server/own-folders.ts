/**
 * What in the server's folder is the server's own. It reads, overwrites and deletes only what it made itself; anything
 * else in there is somebody's, and is refused by name.
 */
import { lstat, readdir, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { ServerError } from "./server-error.js";

/**
 * The names of the folders in `folder`, all of which must match `id`. Names that begin with a dot are the system's
 * (.DS_Store) and are left alone.
 */
export async function ownFolders(folder: string, id: RegExp): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith(".")).toSorted();
  for (const name of names) {
    if (id.test(name) && (await lstat(join(folder, name))).isDirectory()) continue;
    throw notOwn(join(folder, name), "askew did not make this");
  }
  return names;
}

export function notOwn(path: string, why: string): ServerError {
  return new ServerError(
    `${path}: ${why}, so askew leaves it alone. Move it out of this folder, or choose another folder with --data.`,
  );
}

/** Deletes the files of `folder` that match `own`, and the folder where nothing else is in it. */
export async function removeOwn(folder: string, own: RegExp): Promise<void> {
  const names = await readdir(folder).catch(ignoring("ENOENT"));
  if (names === undefined) return;
  for (const name of names.filter((one) => own.test(one))) await unlink(join(folder, name)).catch(ignoring("ENOENT"));
  await rmdir(folder).catch(ignoring("ENOENT", "ENOTEMPTY", "EEXIST"));
}

const ignoring =
  (...codes: readonly string[]) =>
  (error: unknown): undefined => {
    if (!codes.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return undefined;
  };

/** Temporary files of atomic writes to `names`, and these files themselves. */
export const filesAndTemporaries = (...names: readonly string[]): RegExp => {
  const any = names.map((name) => name.replaceAll(".", "\\.")).join("|");
  return new RegExp(`^(?:${any})$|^\\.(?:${any})\\.\\d+\\.[0-9a-f]{12}\\.tmp$`);
};
