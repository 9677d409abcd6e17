/** Files that a new run can be made of: conversations and YAML files below the folder that the server was started in. */
import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { isRunFolder } from "../find-runs.js";
import { isObject, objectIn, usePlain } from "../plain-file.js";
import type { UnfitFile } from "./contract.js";

export interface FoundFiles {
  readonly datasets: readonly string[];
  /** Files that describe a study. */
  readonly studies: readonly string[];
  /** Files of questions. */
  readonly questions: readonly string[];
  readonly unfit: readonly UnfitFile[];
  /** Whether files were left out because there are too many. */
  readonly isCut: boolean;
}

const DEEPEST = 3;
const MOST_FOLDERS = 2000;
const MOST_FILES = 1000;
/** Notes are the page's own. */
const NAMED = /(?<!\.notes)\.(?:jsonl|ya?ml)$/i;
/** Bytes in which the first row of a file of conversations ends, and a study names itself. */
const BEGINNING = 64 * 1024;

/** Links are not followed, and what lies in a run belongs to it. Paths are named from `root`, with forward slashes. */
export async function findFiles(root: string): Promise<FoundFiles> {
  const [datasets, studies, questions]: [string[], string[], string[]] = [[], [], []];
  const unfit: UnfitFile[] = [];
  let [folders, files, isCut] = [0, 0, false];
  const visit = async (folder: string, way: readonly string[]): Promise<void> => {
    if (way.length > DEEPEST || (await isRunFolder(folder))) return;
    if (++folders > MOST_FOLDERS) {
      isCut = true;
      return;
    }
    const below: string[] = [];
    const here: string[] = [];
    try {
      for await (const entry of await opendir(folder)) {
        if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
        if (entry.isDirectory()) below.push(entry.name);
        else if (entry.isFile() && NAMED.test(entry.name)) here.push(entry.name);
      }
    } catch {
      return; // it went, or may not be read
    }
    for (const file of here.toSorted()) {
      if (++files > MOST_FILES) {
        isCut = true;
        return;
      }
      const beginning = await beginningOf(join(folder, file));
      const name = [...way, file].join("/");
      if (/\.jsonl$/i.test(file)) {
        if (isAnswers(beginning)) continue;
        const why = whyUnfit(beginning);
        if (why === undefined) datasets.push(name);
        else unfit.push({ file: name, why });
      } else if (/^study\s*:/m.test(beginning ?? "")) studies.push(name);
      else if (/^questions\s*:|^\s*-\s+id\s*:/m.test(beginning ?? "")) questions.push(name);
      else unfit.push({ file: name, why: "It has neither a study nor questions." });
    }
    for (const name of below.toSorted()) await visit(join(folder, name), [...way, name]);
  };
  await visit(root, []);
  return { datasets, studies, questions, unfit, isCut };
}

/** Undefined where the file went or may not be read. */
const beginningOf = async (path: string): Promise<string | undefined> =>
  usePlain(path, async (handle, size) => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(size, BEGINNING)), { position: 0 });
    return buffer.toString("utf8", 0, bytesRead);
  });

/** Answers, which have messages as well, are nothing to train on, and a folder of runs is full of them. */
const isAnswers = (beginning = ""): boolean => "answer" in (objectIn(beginning.split("\n", 1)[0] ?? "") ?? {});

/** Why the file holds no conversations, as far as its first row says; undefined where it does. */
function whyUnfit(beginning: string | undefined): string | undefined {
  if (beginning === undefined) return "It cannot be read.";
  const [first = ""] = beginning.split("\n", 1);
  if (first.trim() === "") return beginning === "" ? "It is empty." : "Its first line is empty.";
  const row = objectIn(first);
  if (row === undefined) {
    const isLong = beginning.length === first.length && Buffer.byteLength(beginning) >= BEGINNING;
    return isLong ? "Its first row is longer than 64 KiB." : "Its first line is not a JSON object.";
  }
  const messages = row["messages"];
  if (!Array.isArray(messages)) return `Its first row has no messages. askew dataset convert reads other forms.`;
  const isSaid = messages.some((message) => isObject(message) && message["role"] === "assistant");
  return isSaid ? undefined : "Its first row has no message of the assistant.";
}
