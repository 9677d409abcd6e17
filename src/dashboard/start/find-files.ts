/** Files that a new run can be made of: conversations and YAML files below the folder that the server was started in. */
import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { isRunFolder } from "../find-runs.js";
import { isObject, objectIn, usePlain } from "../plain-file.js";

export interface FoundFiles {
  readonly datasets: readonly string[];
  /** Files that describe a study. */
  readonly studies: readonly string[];
  /** Files of questions. */
  readonly questions: readonly string[];
}

const DEEPEST = 3;
const MOST_FOLDERS = 2000;
const MOST_FILES = 300;
/** Bytes in which the first row of a file of conversations ends, and a study names itself. */
const BEGINNING = 64 * 1024;

/** Links are not followed, and what lies in a run belongs to it. Paths are named from `root`, with forward slashes. */
export async function findFiles(root: string): Promise<FoundFiles> {
  const [datasets, studies, questions]: [string[], string[], string[]] = [[], [], []];
  let folders = 0;
  const visit = async (folder: string, way: readonly string[]): Promise<void> => {
    if (++folders > MOST_FOLDERS || way.length > DEEPEST || (await isRunFolder(folder))) return;
    const below: string[] = [];
    const files: string[] = [];
    try {
      for await (const entry of await opendir(folder)) {
        if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
        if (entry.isDirectory()) below.push(entry.name);
        else if (entry.isFile() && /\.(?:jsonl|ya?ml)$/i.test(entry.name)) files.push(entry.name);
      }
    } catch {
      return; // it went, or may not be read
    }
    for (const file of files.toSorted()) {
      if (datasets.length + studies.length + questions.length >= MOST_FILES) return;
      const beginning = await beginningOf(join(folder, file));
      const name = [...way, file].join("/");
      if (/\.jsonl$/i.test(file)) {
        if (isConversation(beginning)) datasets.push(name);
      } else if (/^study\s*:/m.test(beginning)) studies.push(name);
      else if (/^questions\s*:|^\s*-\s+id\s*:/m.test(beginning)) questions.push(name);
    }
    for (const name of below.toSorted()) await visit(join(folder, name), [...way, name]);
  };
  await visit(root, []);
  return { datasets, studies, questions };
}

const beginningOf = async (path: string): Promise<string> =>
  (await usePlain(path, async (handle, size) => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(size, BEGINNING)), { position: 0 });
    return buffer.toString("utf8", 0, bytesRead);
  })) ?? "";

/** Rows of answers have messages as well, and more. */
function isConversation(beginning: string): boolean {
  const row = objectIn(beginning.split("\n", 1)[0] ?? "");
  const messages = row?.["messages"];
  return (
    Array.isArray(messages) &&
    !("answer" in (row ?? {})) &&
    messages.some((m) => isObject(m) && m["role"] === "assistant")
  );
}
