/** A cell's judgments, sorted for the scores. */
import { scoreSet, type JudgedQuestion, type Metrics } from "../evaluation/index.js";
import type { QuestionSetName } from "../organism/index.js";
import { cellFiles } from "./cell.js";
import { StudyError } from "./error.js";
import type { JudgmentRow } from "./judge-answers.js";
import { readRows } from "./rows.js";

/** The judged questions of one cell by question set, in the order they were asked. */
export type JudgedCell = ReadonlyMap<QuestionSetName, readonly JudgedQuestion[]>;

/** @param count how many judgments a finished cell has; fewer or more are no longer what it was finished with. */
export async function readJudgedCell(folder: string, seed: number, count?: number): Promise<JudgedCell> {
  const sets = new Map<QuestionSetName, Map<string, JudgmentRow[]>>();
  const path = cellFiles(folder).judgments;
  const rows = (await readRows(path)) as JudgmentRow[];
  if (count !== undefined && rows.length !== count) {
    throw new StudyError(
      `${path}: expected ${count} judgments, found ${rows.length}: the file was changed. Delete the cell's folder and run again.`,
    );
  }
  for (const row of rows) {
    const name = row.set as QuestionSetName;
    const questions = sets.get(name) ?? new Map<string, JudgmentRow[]>();
    sets.set(name, questions);
    const judgments = questions.get(row.question) ?? [];
    questions.set(row.question, judgments);
    judgments.push(row);
  }
  return new Map(
    [...sets].map(([set, questions]) => [
      set,
      [...questions].map(([question, judgments]): JudgedQuestion => ({ question, seed, judgments })),
    ]),
  );
}

/** The metrics of one cell alone. */
export async function metricsOfCell(folder: string, seed: number): Promise<Record<string, Metrics>> {
  const cell = await readJudgedCell(folder, seed);
  return Object.fromEntries([...cell].map(([set, judged]) => [set, scoreSet(set, judged).metrics]));
}
