import { open } from "node:fs/promises";
import { ModelFileError, shown } from "./model-file-error.js";

/**
 * Reads a small text file that somebody else made.
 * @param most largest size in bytes; larger files are refused before they are read.
 * @returns undefined when there is no such file.
 * @throws {ModelFileError} when it is too large, no plain file or no UTF-8.
 */
export async function readTextIfPresent(path: string, most: number): Promise<string | undefined> {
  const handle = await open(path, "r").catch((error: unknown) => {
    const code = error instanceof Error && "code" in error ? String(error.code) : "an error";
    if (code === "ENOENT") return undefined;
    const cure = "Check the path and its permissions.";
    throw new ModelFileError({ file: path, expected: "a file that can be read", found: code, cure }, { cause: error });
  });
  if (!handle) return undefined;
  try {
    const stat = await handle.stat();
    if (!stat.isFile())
      throw new ModelFileError({
        file: path,
        expected: "a file",
        found: "something else (a folder or a device)",
        cure: "Check the path.",
      });
    if (stat.size > most)
      throw new ModelFileError({
        file: path,
        expected: `at most ${most} bytes`,
        found: `${stat.size}`,
        cure: "This is not such a file: check the path.",
      });
    const bytes = Buffer.alloc(stat.size);
    const { bytesRead } = await handle.read(bytes, 0, stat.size, 0);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, bytesRead));
  } catch (error) {
    if (error instanceof TypeError)
      throw new ModelFileError({
        file: path,
        expected: "UTF-8 text",
        found: "other bytes",
        cure: "The file is damaged: download or save it again.",
      });
    throw error;
  } finally {
    await handle.close();
  }
}

/** As {@link readTextIfPresent}, parsed as JSON. */
export async function readJsonIfPresent(path: string, most: number): Promise<unknown> {
  const text = await readTextIfPresent(path, most);
  return text === undefined ? undefined : parseJson(text, path);
}

/** As {@link readJsonIfPresent}; a missing file is an error that says `cure`. */
export async function readJson(path: string, most: number, cure: string): Promise<unknown> {
  const json = await readJsonIfPresent(path, most);
  if (json === undefined) throw new ModelFileError({ file: path, expected: "a file", found: "nothing", cure });
  return json;
}

function parseJson(text: string, file: string): unknown {
  const broken = (expected: string, found: string, cause?: unknown): ModelFileError =>
    new ModelFileError({ file, expected, found, cure: "The file is damaged: download or save it again." }, { cause });
  if (deepest(text) > 100) throw broken("JSON nested at most 100 deep", "deeper nesting");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw broken("JSON", shown((error as Error).message), error);
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
