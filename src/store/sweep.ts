/** Removes what killed runs left half-written. */
import { readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { storing } from "./system-error.js";

/** Temporary files of atomic writes, as `.weights.safetensors.123.abc.tmp`; whoever holds the folder's lock owns them. */
export async function sweep(folder: string): Promise<void> {
  await storing(folder, async () => {
    const names = await readdir(folder);
    for (const name of names.filter((entry) => /^\..*\.tmp$/.test(entry))) await unlink(join(folder, name));
  });
}
