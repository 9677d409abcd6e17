import { randomBytes } from "node:crypto";
import { open, rename, unlink, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** A name beside `path` for what is written before it is renamed into place; its folder's next run removes it. */
export const temporaryOf = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(6).toString("hex")}.tmp`);

/**
 * Writes a file so that a reader sees the old one or the whole new one, also after a power cut: a temporary file in
 * the same folder, flushed to disk and then renamed. On an error the temporary file is removed.
 */
export async function writeFileAtomically(path: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  await replaceFile(path, async (temporary) => {
    const handle = await open(temporary, "wx");
    try {
      await write(handle);
    } finally {
      await handle.close();
    }
  });
}

/** The same for whoever opens the temporary file itself. `ready` runs when it is whole, before it gets its name. */
export async function replaceFile<T>(
  path: string,
  write: (temporary: string) => Promise<T>,
  ready?: (temporary: string) => Promise<void>,
): Promise<T> {
  const temporary = temporaryOf(path);
  let written: T;
  try {
    written = await write(temporary);
    await flush(temporary, "r+");
    await ready?.(temporary);
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await flush(dirname(path), "r").catch(() => undefined); // some systems cannot open folders, and then nothing is lost
  return written;
}

/** The rename itself is on disk only once the folder is, too. */
async function flush(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
