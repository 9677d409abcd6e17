/**
 * A study's folder: `study.json` with the plan, and under `cells/` a folder for each cell. The plan of a folder can
 * grow by conditions and seeds; anything else that changes would mix two studies and is refused.
 */
import { join } from "node:path";
import { makeFolder, storing, firstDifference, refuseOtherPlan, readJsonIfPresent, writeJson } from "../store/index.js";
import type { BaseModel } from "./base-model.js";
import { openCell, readCell, writeCell, type CellRecord } from "./cell.js";
import { StudyError } from "./error.js";
import { cellName, planCells, type CellPlan, type StudyPlan } from "./plan.js";

export interface StudyFile {
  readonly format: 1;
  readonly plan: StudyPlan;
  readonly base: BaseModel;
}

export const studyPath = (folder: string): string => join(folder, "study.json");
export const summaryPath = (folder: string): string => join(folder, "summary.json");
export const cellFolder = (folder: string, cell: Pick<CellPlan, "condition" | "seed">): string =>
  join(folder, "cells", cellName(cell));

export async function makeStudyFolder(folder: string, parts = "cells"): Promise<void> {
  await storing(folder, () => makeFolder(join(folder, parts)));
}

/** The study in a folder; undefined where there is none. */
export async function readStudyFile(folder: string): Promise<StudyFile | undefined> {
  const value = (await readJsonIfPresent(studyPath(folder))) as Partial<StudyFile> | null | undefined;
  if (value === undefined) return undefined;
  if (value?.format !== 1 || value.plan === undefined || value.base === undefined) {
    throw new StudyError(
      `${studyPath(folder)}: expected a study of format 1. Was it written by another version of askew?`,
    );
  }
  return value as StudyFile;
}

/** Writes the plan and every cell that is not there yet. Returns the study as the folder now holds it. */
export async function enterPlan(folder: string, plan: StudyPlan, base: BaseModel): Promise<StudyFile> {
  const before = await readStudyFile(folder);
  const study: StudyFile = { format: 1, plan: before === undefined ? plan : extend(folder, before, plan, base), base };
  if (before === undefined || firstDifference(before, study) !== undefined) await writeJson(studyPath(folder), study);
  for (const cell of planCells(plan)) await enterCell(cellFolder(folder, cell), cell, base);
  return study;
}

async function enterCell(folder: string, plan: CellPlan, base: BaseModel): Promise<void> {
  const wanted = openCell(plan, base);
  const found = await readCell(folder);
  if (found === undefined) return writeCell(folder, wanted);
  const { status, seconds } = wanted; // these may differ
  const planned = Object.fromEntries(Object.entries(found).filter(([key]) => Object.hasOwn(wanted, key)));
  refuseOtherPlan(folder, { ...planned, status, seconds }, wanted);
}

/** The plan of the folder with the conditions and seeds of `plan` added. */
function extend(folder: string, before: StudyFile, plan: StudyPlan, base: BaseModel): StudyPlan {
  const { conditions, seeds } = before.plan; // these may differ
  refuseOtherPlan(folder, { ...before.plan, base: before.base }, { ...plan, conditions, seeds, base });
  return {
    ...before.plan,
    conditions: [...new Set([...conditions, ...plan.conditions])],
    seeds: [...new Set([...seeds, ...plan.seeds])],
  };
}

/** The cells of a study as they are on the disk, in the plan's order. */
export async function readCells(folder: string, plan: StudyPlan): Promise<CellRecord[]> {
  const cells = await Promise.all(planCells(plan).map((cell) => readCell(cellFolder(folder, cell))));
  return cells.filter((cell) => cell !== undefined);
}
