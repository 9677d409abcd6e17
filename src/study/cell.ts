/** `cell.json`: a cell's plan, and, as they come about, the hashes, versions and times of what was made. */
import { join } from "node:path";
import type { Metrics } from "../evaluation/index.js";
import { makeFolder, storing, readJsonIfPresent, writeJson, type FolderKind, checked } from "../store/index.js";
import type { BaseModel } from "./base-model.js";
import type { Phase } from "./phases.js";
import type { CellPlan } from "./plan.js";
import type { Versions } from "./versions.js";
import { cellSchema } from "./records.js";

/** What is known of a cell before any work on it. */
export interface OpenCell extends CellPlan {
  readonly format: 1;
  /** Written as `finished` in one atomic step, once everything else is on the disk. */
  readonly status: "open" | "finished";
  /** The model before training. */
  readonly base: BaseModel;
}

export interface CellRecord extends OpenCell {
  readonly versions?: Versions;
  /** Threads that computed; absent for a model behind a server. */
  readonly threads?: number;
  /** ISO 8601. */
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** Wall-clock time by phase, all runs together. */
  readonly seconds: Readonly<Partial<Record<Phase, number>>>;
  /** sha256 of dataset.jsonl. */
  readonly dataset?: { readonly rows: number; readonly sha256: string };
  /** sha256 of weights.safetensors. */
  readonly weights?: { readonly sha256: string };
  /** A model that its server trained, by the name that every command takes. */
  readonly served?: string;
  readonly answers?: number;
  /** Of this cell alone, by question set, with Wilson's intervals. */
  readonly metrics?: Readonly<Record<string, Metrics>>;
}

/** A record with all that a finished cell has. */
export interface FinishedCell extends CellRecord {
  readonly status: "finished";
  readonly versions: Versions;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly answers: number;
  readonly metrics: Readonly<Record<string, Metrics>>;
}

export const isFinished = (cell: CellRecord): cell is FinishedCell => cell.status === "finished";

/** The files of a cell's folder. */
export const cellFiles = (folder: string) => ({
  cell: join(folder, "cell.json"),
  dataset: join(folder, "dataset.jsonl"),
  training: join(folder, "training.jsonl"),
  /** Only while it is trained. */
  checkpoint: join(folder, "checkpoint.safetensors"),
  weights: join(folder, "weights.safetensors"),
  answers: join(folder, "answers.jsonl"),
  judgments: join(folder, "judgments.jsonl"),
  /** Where a server trains the model: the job and its events. */
  job: join(folder, "job"),
});

/** All that is written in a cell's folder. */
export const CELL_FOLDER: FolderKind = {
  kind: "cell of a study",
  inside: true,
  record: "cell.json",
  files: Object.values(cellFiles("")),
};

export const openCell = (plan: CellPlan, base: BaseModel): CellRecord => ({
  format: 1,
  status: "open",
  ...plan,
  base,
  seconds: {},
});

/** The record in a cell's folder; undefined where there is none. @throws {FileError} */
export async function readCell(folder: string): Promise<CellRecord | undefined> {
  const { cell: file } = cellFiles(folder);
  const value = await readJsonIfPresent(file);
  if (value === undefined) return undefined;
  const cure = "Was it written by another version of askew? Delete the cell's folder and run again.";
  checked(value, cellSchema, { file, cure });
  return value as CellRecord;
}

export async function writeCell(folder: string, record: CellRecord): Promise<void> {
  await storing(folder, () => makeFolder(folder));
  await writeJson(cellFiles(folder).cell, record);
}
