/** Small whole files of JSON or text: read with bounds, written so that a reader sees the old one or the whole new one. */
import { constants, open } from "node:fs/promises";
import { writeFileAtomically } from "./atomic-file.js";
import { FileError, shown } from "./file-error.js";
import { codeOf, storing } from "./system-error.js";

const MOST_BYTES = 64 * 2 ** 20;
const MOST_DEPTH = 100;
const DAMAGED = "The file is damaged: restore it, or download or make it again.";

/**
 * Reads a small text file that somebody else may have made.
 * @param most largest size in bytes; larger files are refused before they are read.
 * @returns undefined when there is no such file.
 * @throws {StoreError} when it is too large, no plain file or no UTF-8.
 */
export async function readTextIfPresent(
  path: string,
  most = MOST_BYTES,
  damaged = DAMAGED,
): Promise<string | undefined> {
  // A pipe that nobody writes to would be waited for.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    return storing(path, () => Promise.reject(error));
  });
  if (!handle) return undefined;
  try {
    const stat = await handle.stat();
    if (!stat.isFile())
      throw new FileError({
        file: path,
        expected: "a file",
        found: stat.isDirectory() ? "a folder" : "a device or a pipe",
        cure: "Check the path.",
      });
    if (stat.size > most)
      throw new FileError({
        file: path,
        expected: `at most ${most} bytes`,
        found: `${stat.size}`,
        cure: "This is not such a file: check the path.",
      });
    const bytes = Buffer.alloc(stat.size);
    const { bytesRead } = await storing(path, () => handle.read(bytes, 0, stat.size, 0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, bytesRead));
  } catch (error) {
    if (error instanceof TypeError)
      throw new FileError({ file: path, expected: "UTF-8 text", found: "other bytes", cure: damaged });
    throw error;
  } finally {
    await handle.close();
  }
}

/** As {@link readTextIfPresent}, parsed as JSON. */
export async function readJsonIfPresent(path: string, most = MOST_BYTES, damaged = DAMAGED): Promise<unknown> {
  const text = await readTextIfPresent(path, most, damaged);
  return text === undefined ? undefined : parseJson(text, path, damaged);
}

/** As {@link readJsonIfPresent}; a missing file is an error that says `cure`. */
export async function readJson(path: string, most: number, cure: string): Promise<unknown> {
  const json = await readJsonIfPresent(path, most);
  if (json === undefined) throw new FileError({ file: path, expected: "a file", found: "nothing", cure });
  return json;
}

export async function writeJson(path: string, value: unknown): Promise<void> {
  const text = `${JSON.stringify(value, undefined, 2)}\n`;
  await storing(path, () => writeFileAtomically(path, (handle) => handle.writeFile(text)));
}

function parseJson(text: string, file: string, cure: string): unknown {
  if (deepest(text) > MOST_DEPTH)
    throw new FileError({ file, expected: `JSON nested at most ${MOST_DEPTH} deep`, found: "deeper nesting", cure });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FileError({ file, expected: "JSON", found: shown((error as Error).message), cure }, { cause: error });
  }
}

/** Nesting of brackets outside of strings; millions of them would take gigabytes to parse. */
function deepest(text: string): number {
  let depth = 0;
  let most = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) most = Math.max(most, ++depth);
    else if (code === 0x7d || code === 0x5d) depth--;
  }
  return most;
}
