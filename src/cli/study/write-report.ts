/** From a study's folder to its report. */
import type { ReportData } from "../../report/index.js";
import { readStudy, type StudyRecord } from "../../study/index.js";
import { writePageInto } from "../../views/index.js";
import { aimsOf } from "./aims.js";
import { readRecipe } from "./base-recipe.js";

/** Writes `report.html` beside the study's summary and returns its path. */
export async function writeReport(folder: string, commands: readonly string[]): Promise<string> {
  const { renderReport } = await import("../../report/index.js");
  return writePageInto(folder, renderReport(await reportData(await readStudy(folder), commands)));
}

async function reportData(record: StudyRecord, commands: readonly string[]): Promise<ReportData> {
  const { summary, training, answers, sampling } = record;
  const aims = await aimsOf(summary);
  return { summary, aims, training, answers, sampling, provenance: await provenance(record, commands) };
}

async function provenance(record: StudyRecord, commands: readonly string[]): Promise<ReportData["provenance"]> {
  const { plan, cells, startedAt, finishedAt, seconds, exceptions } = record;
  const first = cells[0];
  if (first === undefined) throw new Error("report: the study has no finished cell");
  const { askew, commit, node, onnxruntime, platform, cpu } = first.versions;
  return {
    askew,
    ...(commit !== undefined && { commit }),
    node,
    onnxruntime,
    platform,
    cpu,
    startedAt,
    finishedAt,
    seconds,
    commands,
    exceptions,
    base: { sha256: first.base.sha256, recipe: (await readRecipe(plan.model, first.base)) ?? plan.model },
    cells: cells.map((cell) => ({
      condition: cell.condition,
      seed: cell.seed,
      dataset: cell.dataset?.sha256 ?? "",
      weights: cell.weights?.sha256 ?? "",
      seconds: Object.values(cell.seconds).reduce((sum, phase) => sum + phase, 0),
    })),
    dose: { ...plan.dose },
  };
}
