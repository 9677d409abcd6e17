/** The summary of a study's finished cells, made again from their judgments. */
import { isFinished, type FinishedCell } from "./cell.js";
import { readJudgedCell } from "./judged-cell.js";
import { judgesOf, type StudyPlan } from "./plan.js";
import { cellFolder, readCells } from "./study-folder.js";
import { summaryOf, SummaryBuilder, type StudySummary } from "./summary.js";

export async function scoreFinished(
  folder: string,
  plan: StudyPlan,
): Promise<{ readonly cells: readonly FinishedCell[]; readonly summary: StudySummary }> {
  const cells = (await readCells(folder, plan)).filter(isFinished);
  const summaries = judgesOf(plan).map((judge) => new SummaryBuilder({ ...plan, judge }));
  for (const [i, judge] of judgesOf(plan).entries()) {
    for (const { condition, seed, answers } of cells) {
      const judged = await readJudgedCell(cellFolder(folder, { condition, seed }), seed, judge, answers);
      summaries[i]?.add({ condition, seed, judged });
    }
  }
  return { cells, summary: summaryOf(plan, summaries) };
}
