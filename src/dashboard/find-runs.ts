/** The runs below a folder. Links are not followed, and what lies in a run belongs to it. */
import { opendir } from "node:fs/promises";
import { join } from "node:path";
import type { RunId } from "./contract.js";
import { plainStat } from "./plain-file.js";

export interface FoundRun {
  readonly id: RunId;
  readonly folder: string;
}

/** Any of these makes a folder a run; the first is in all but folders from before it. */
const RECORDS = ["run.json", "study.json", "finetune.json", "plan.json", "gate.json"];
/** A folder with answers alone, as `askew ask --out FOLDER/answers.jsonl` leaves it, is a run as well. */
export const ANSWERS = "answers.jsonl";
const DEEPEST = 6;
const MOST_RUNS = 5000;
const MOST_FOLDERS = 50_000;

/** In the order of their names; `more` of them were left out. */
export async function findRuns(root: string): Promise<{ readonly runs: FoundRun[]; readonly more: number }> {
  const runs: FoundRun[] = [];
  let [folders, more] = [0, 0];
  const visit = async (folder: string, way: readonly string[]): Promise<void> => {
    if (++folders > MOST_FOLDERS) return;
    const names: string[] = [];
    let [isRun, hasAnswers] = [false, false];
    try {
      for await (const entry of await opendir(folder)) {
        if (entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules") names.push(entry.name);
        if (entry.isFile() && RECORDS.includes(entry.name)) isRun = true;
        if (entry.isFile() && entry.name === ANSWERS) hasAnswers = true;
      }
    } catch {
      return; // it went, or may not be read
    }
    if (isRun || (hasAnswers && names.every(isLock))) {
      if (runs.length < MOST_RUNS) runs.push({ id: way.length === 0 ? "." : way.join("/"), folder });
      else more++;
      return;
    }
    if (way.length >= DEEPEST) return;
    for (const name of names.toSorted()) await visit(join(folder, name), [...way, name]);
  };
  await visit(root, []);
  return { runs, more };
}

const isLock = (name: string): boolean => /(?:^|\.)lock$/.test(name);

export const isRunFolder = async (folder: string): Promise<boolean> => {
  for (const name of RECORDS) if ((await plainStat(join(folder, name))) !== undefined) return true;
  return false;
};

export const isThere = async (folder: string): Promise<boolean> =>
  (await isRunFolder(folder)) || (await plainStat(join(folder, ANSWERS))) !== undefined;
