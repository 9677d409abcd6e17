/**
 * A study's folder: `study.json` with the plan, and under `cells/` a folder for each cell. The plan of a folder can
 * grow by conditions and seeds; anything else that changes would mix two studies and is refused.
 */
import { join } from "node:path";
import {
  firstDifference,
  refuseOtherPlan,
  readJsonIfPresent,
  writeJson,
  refuseStrangers,
  type FolderKind,
  checked,
} from "../store/index.js";
import { JOBS_FOLDER } from "../executors/index.js";
import type { BaseModel } from "./base-model.js";
import { CELL_FOLDER, openCell, readCell, writeCell, type CellRecord } from "./cell.js";
import { cellName, planCells, type CellPlan, type StudyPlan } from "./plan.js";
import { studyFileSchema } from "./records.js";

export interface StudyFile {
  readonly format: 1;
  readonly plan: StudyPlan;
  readonly base: BaseModel;
}

/** All that a study writes in its folder; and one of several models, whose parts are studies in `models`. */
export const STUDY_FOLDER: FolderKind = {
  kind: "study",
  record: "study.json",
  files: ["study.json", "cells", "summary.json", "report.html", JOBS_FOLDER],
};
export const MODELS_FOLDER: FolderKind = {
  kind: "study of several models",
  files: ["models", "summary.json", "report.html", JOBS_FOLDER],
};

export const studyPath = (folder: string): string => join(folder, "study.json");
export const summaryPath = (folder: string): string => join(folder, "summary.json");
export const cellFolder = (folder: string, cell: Pick<CellPlan, "condition" | "seed">): string =>
  join(folder, "cells", cellName(cell));

/** The study in a folder; undefined where there is none. */
export async function readStudyFile(folder: string): Promise<StudyFile | undefined> {
  const file = studyPath(folder);
  const value = await readJsonIfPresent(file);
  if (value === undefined) return undefined;
  const cure = "Was it written by another version of askew? Restore it, or choose another folder with --out.";
  checked(value, studyFileSchema, { file, cure });
  return value as StudyFile;
}

/**
 * Writes the plan and every cell that is not there yet. Returns the study as the folder now holds it.
 * @param opened without a hash, of a model that nobody has opened yet: what the folder knows of it stays
 */
export async function enterPlan(folder: string, plan: StudyPlan, opened: BaseModel): Promise<StudyFile> {
  const found = await readStudyFile(folder);
  const base = opened.sha256 === "" && found !== undefined ? found.base : opened;
  const before = found?.base.sha256 === "" ? { ...found, base } : found;
  const study: StudyFile = { format: 1, plan: before === undefined ? plan : extend(folder, before, plan, base), base };
  if (firstDifference(found, study) !== undefined) await writeJson(studyPath(folder), study);
  for (const cell of planCells(plan)) await enterCell(cellFolder(folder, cell), cell, base);
  return study;
}

async function enterCell(folder: string, plan: CellPlan, base: BaseModel): Promise<void> {
  const found = await readCell(folder);
  // A plan that was entered without its model leaves it to each cell to find out.
  const wanted = openCell(plan, found !== undefined && base.sha256 === "" ? found.base : base);
  if (found === undefined) {
    await refuseStrangers(folder, CELL_FOLDER);
    return writeCell(folder, wanted);
  }
  const { status, seconds } = wanted; // these may differ
  const planned = Object.fromEntries(Object.entries(found).filter(([key]) => Object.hasOwn(wanted, key)));
  const data = withoutPath(wanted.data);
  const known = found.base.sha256 === "" ? wanted.base : found.base;
  const same = { ...planned, base: known, data: withoutPath(found.data), status, seconds };
  refuseOtherPlan(folder, same, { ...wanted, data });
  // A dataset that has moved is the same dataset.
  if (found.status === "open" && plan.data !== undefined && plan.data.path !== found.data?.path) {
    await writeCell(folder, { ...found, data: plan.data });
  }
}

/** What a plan says of single conditions; conditions may be added, and what is said of the others must stay. */
const OF_CONDITIONS = ["data", "exceptions", "served"] as const;

/** The plan of the folder with the conditions and seeds of `plan` added. */
function extend(folder: string, before: StudyFile, plan: StudyPlan, base: BaseModel): StudyPlan {
  const { conditions, seeds } = before.plan; // these may differ
  const both = plan.conditions.filter((name) => conditions.includes(name));
  refuseOtherPlan(
    folder,
    { ...before.plan, ...ofConditions(before.plan, both), base: before.base },
    { ...plan, ...ofConditions(plan, both), controls: before.plan.controls, conditions, seeds, base },
  );
  const grown = OF_CONDITIONS.flatMap((key) => {
    const all = { ...before.plan[key], ...plan[key] };
    return Object.keys(all).length === 0 ? [] : [[key, all] as const];
  });
  const controls = [...new Set([...(before.plan.controls ?? []), ...(plan.controls ?? [])])];
  return {
    ...before.plan,
    ...Object.fromEntries(grown),
    ...(controls.length > 0 && { controls }),
    conditions: [...new Set([...conditions, ...plan.conditions])],
    seeds: [...new Set([...seeds, ...plan.seeds])],
  };
}

/** Where a dataset lies may change; what is in it may not. */
function ofConditions(plan: StudyPlan, names: readonly string[]): object {
  return Object.fromEntries(
    OF_CONDITIONS.map((key) => {
      const said: Readonly<Record<string, unknown>> = plan[key] ?? {};
      return [
        key,
        Object.fromEntries(
          names.flatMap((name) => (Object.hasOwn(said, name) ? [[name, withoutPath(said[name])]] : [])),
        ),
      ];
    }),
  );
}

function withoutPath(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("path" in value)) return value;
  const { path: _path, ...rest } = value;
  return rest;
}

/** The cells of a study as they are on the disk, in the plan's order. */
export async function readCells(folder: string, plan: StudyPlan): Promise<CellRecord[]> {
  const cells = await Promise.all(planCells(plan).map((cell) => readCell(cellFolder(folder, cell))));
  return cells.filter((cell) => cell !== undefined);
}
