/**
 * A study of several models: each has a whole study's folder of its own under `models/`, so that every command that
 * takes a study takes it, and one `summary.json` above them names the model in every entry. A study of one model needs
 * no such folders.
 */
import { access } from "node:fs/promises";
import { join } from "node:path";
import { sha256, writeJson } from "../store/index.js";
import { changeFromBase, type JudgedQuestion } from "../evaluation/index.js";
import { isFinished } from "./cell.js";
import { StudyError } from "./error.js";
import { readJudgedCell } from "./judged-cell.js";
import { placeOf } from "./question-place.js";
import { measuresFor } from "./world.js";
import type { Work } from "./phases.js";
import { cellName, planCells, type StudyPlan } from "./plan.js";
import type { RunOptions } from "./run-cell.js";
import { runStudy } from "./run-study.js";
import { cellFolder, MODELS_FOLDER, readCells, studyPath, summaryPath } from "./study-folder.js";
import type { ChangeRow, StudySummary, SummaryRow } from "./summary.js";
import { workOf } from "./time-left.js";
import { Run } from "../run/index.js";

const MODELS = "models";

/** One model's part of a study, and where it is kept. */
export interface PlacedPlan {
  readonly plan: StudyPlan;
  readonly folder: string;
}

/** A model minus the study's first model, in the same condition on the same questions. */
export interface BetweenRow extends ChangeRow {
  readonly model: string;
  readonly than: string;
}

export interface ModelsSummary {
  readonly study: string;
  readonly models: readonly string[];
  readonly conditions: readonly ({ readonly model: string } & SummaryRow)[];
  readonly change: readonly ({ readonly model: string } & ChangeRow)[];
  readonly between: readonly BetweenRow[];
}

export interface ForeseenCell {
  readonly cell: string;
  readonly finished: boolean;
  /** Examples, steps, answers and judgments that are left. */
  readonly work: Work;
}

/** @param plans of one study, each of another model */
export function placePlans(plans: readonly StudyPlan[], folder: string): PlacedPlan[] {
  if (plans.length === 1) return plans.map((plan) => ({ plan, folder }));
  return plans.map((plan) => ({ plan, folder: join(folder, MODELS, folderName(plan.model)) }));
}

/** `organism`, `localhost-8000-v1-my-model-1a2b3c`: readable, and another for every name. */
function folderName(model: string): string {
  const readable = model
    .replace(/^https?:/, "")
    .replaceAll(/[^A-Za-z0-9.]+/g, "-")
    .replaceAll(/^[-.]+|[-.]+$/g, "")
    .slice(-60);
  return readable === model ? model : `${readable}-${sha256(model).slice(0, 6)}`;
}

/** The same, where the plans are right and the folder was begun with as many models. */
export async function placeChecked(plans: readonly StudyPlan[], folder: string): Promise<PlacedPlan[]> {
  const placed = placePlans(plans, folder);
  for (const { plan } of placed) planCells(plan); // refuses a bad plan before anything is touched
  await refuseOtherLayout(placed, folder);
  return placed;
}

/** What is left to make of a plan. */
export async function foresee({ plan, folder }: PlacedPlan): Promise<ForeseenCell[]> {
  const made = new Map((await readCells(folder, plan)).map((cell) => [cellName(cell), cell.status]));
  return planCells(plan).map((cell) => {
    const name = cellName(cell);
    const status = made.get(name) ?? "open";
    return { cell: name, finished: status === "finished", work: workOf({ ...cell, status }) };
  });
}

/**
 * Runs every model's part, one after the other, or carries on with them; see `runStudy`.
 * @returns a summary for each model, in their order
 */
export async function runPlans(
  plans: readonly StudyPlan[],
  folder: string,
  options: RunOptions = {},
): Promise<StudySummary[]> {
  const placed = await placeChecked(plans, folder);
  const [only] = placed;
  if (placed.length === 1 && only !== undefined) return [await runStudy(only.plan, only.folder, options)];
  return Run.use(folder, MODELS_FOLDER, async (run) => {
    const { command, ...each } = options;
    await run.begin(command);
    const summaries: StudySummary[] = [];
    for (const { plan, folder: own } of placed) {
      options.signal?.throwIfAborted();
      summaries.push(await runStudy(plan, own, each));
      await run.tell("study-finished", { model: plan.model });
      await writeJson(summaryPath(folder), await joinSummaries(summaries, placed));
    }
    return summaries;
  });
}

/**
 * All models in one summary, with the differences between them.
 * @param placed where the models' parts are kept, in the order of the summaries
 */
export async function joinSummaries(
  summaries: readonly StudySummary[],
  placed: readonly PlacedPlan[],
): Promise<ModelsSummary> {
  return {
    study: summaries[0]?.study ?? "",
    models: summaries.map(({ model }) => model),
    conditions: summaries.flatMap(({ model, conditions }) => conditions.map((row) => ({ model, ...row }))),
    change: summaries.flatMap(({ model, change }) => change.map((row) => ({ model, ...row }))),
    between: await differencesBetween(placed.slice(0, summaries.length)),
  };
}

async function differencesBetween([first, ...others]: readonly PlacedPlan[]): Promise<BetweenRow[]> {
  if (first === undefined) return [];
  const before = await judgedOf(first);
  const rows: BetweenRow[] = [];
  for (const other of others) {
    for (const [condition, sets] of await judgedOf(other)) {
      for (const [set, judged] of sets) {
        const than = before.get(condition)?.get(set);
        if (than === undefined) continue;
        const metrics = changeFromBase(measuresFor(set, other.plan.judge), judged, than);
        rows.push({ model: other.plan.model, than: first.plan.model, condition, ...placeOf(set), metrics });
      }
    }
  }
  return rows;
}

/** Judged answers of a model's finished cells, by condition and question set. */
async function judgedOf({ plan, folder }: PlacedPlan): Promise<Map<string, Map<string, JudgedQuestion[]>>> {
  const conditions = new Map<string, Map<string, JudgedQuestion[]>>();
  for (const { condition, seed, answers } of (await readCells(folder, plan)).filter(isFinished)) {
    const sets = conditions.get(condition) ?? new Map<string, JudgedQuestion[]>();
    conditions.set(condition, sets);
    const cell = await readJudgedCell(cellFolder(folder, { condition, seed }), seed, plan.judge, answers);
    for (const [set, judged] of cell) sets.set(set, [...(sets.get(set) ?? []), ...judged]);
  }
  return conditions;
}

async function refuseOtherLayout(placed: readonly PlacedPlan[], folder: string): Promise<void> {
  const other = placed.length === 1 ? join(folder, MODELS) : studyPath(folder);
  const isThere = await access(other).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  throw new StudyError(
    `${folder} was begun with ${placed.length === 1 ? "several models" : "one model"}, and now there ` +
      `${placed.length === 1 ? "is one" : `are ${placed.length}`}. Choose another folder with --out, or delete this one.`,
  );
}
