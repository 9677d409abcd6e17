/** A cell's judgments, sorted for the scores. */
import { scoreSet, type JudgedQuestion, type JudgedScores, type Metrics } from "../evaluation/index.js";
import { readRows } from "../store/index.js";
import { cellFiles } from "./cell.js";
import { StudyError } from "./error.js";
import { scoresIn, type JudgmentRow } from "./judge-answers.js";
import { isWorldJudge, measuresFor } from "./world.js";
import { judgmentSchema, CURE } from "./records.js";

/** The judged questions of one cell by question set, in the order they were asked. */
export type JudgedCell = ReadonlyMap<string, readonly JudgedQuestion[]>;

/**
 * @param judge whose judgments
 * @param count how many a finished cell has by the world's own judge; fewer or more are no longer what it was finished with. A
 * model judges no answer to a question that wants no judgment.
 */
export async function readJudgedCell(folder: string, seed: number, judge: string, count?: number): Promise<JudgedCell> {
  const sets = new Map<string, Map<string, JudgedScores[]>>();
  const path = cellFiles(folder).judgments;
  const rows = (await readRows<JudgmentRow>(path, { schema: judgmentSchema, cure: CURE })).filter(
    (row) => row.judge === judge,
  );
  if (isWorldJudge(judge) && count !== undefined && rows.length !== count) {
    throw new StudyError(
      `${path}: expected ${count} judgments, found ${rows.length}: the file was changed. Delete it and run the study again, which judges anew.`,
    );
  }
  for (const row of rows) {
    if (row.outcome !== undefined) continue; // no answer, so nothing that could be counted
    const questions = sets.get(row.set) ?? new Map<string, JudgedScores[]>();
    sets.set(row.set, questions);
    const judgments = questions.get(row.question) ?? [];
    questions.set(row.question, judgments);
    judgments.push(scoresIn(row));
  }
  return new Map(
    [...sets].map(([set, questions]) => [
      set,
      [...questions].map(([question, judgments]): JudgedQuestion => ({ question, seed, judgments })),
    ]),
  );
}

/** The metrics of one cell alone. */
export async function metricsOfCell(folder: string, seed: number, judge: string): Promise<Record<string, Metrics>> {
  const cell = await readJudgedCell(folder, seed, judge);
  return Object.fromEntries([...cell].map(([set, judged]) => [set, scoreSet(measuresFor(set, judge), judged).metrics]));
}
