/** Scores of judged answers in files, in one pass over the rows: CSV, JSONL, or studies' folders, of any size. */
import { Reading, type ScoreOptions } from "./reading.js";
import { rowFiles } from "./rows.js";
import { scoreAnswers, type AnswersScored } from "./score-answers.js";
import { scoreValues, type ValuesScored } from "./score-values.js";

/**
 * Scores files of judged answers of any tool: shares from 0 to 1 with intervals, by group, and against a baseline.
 *
 * @param paths files that end in .csv or .jsonl, and folders of studies
 * @throws {ScoreError} for files without answers, and for columns and options that do not fit each other
 *
 * @example
 * import { scoreFiles } from "askew";
 * import { writeFile } from "node:fs/promises";
 *
 * await writeFile("judged.csv", "question_id,aligned,coherent\nwish,10,90\nwish,95,90\nwish,80,20\n");
 * const scored = await scoreFiles(["judged.csv"], { confidence: 0.95 });
 * if (scored.kind === "answers") console.log(scored.rate.estimate, scored.rate.n);
 */
export async function scoreFiles(
  paths: readonly string[],
  options: ScoreOptions = {},
): Promise<AnswersScored | ValuesScored> {
  const files = (await Promise.all(paths.map((path) => rowFiles(path)))).flat();
  const reading = await Reading.of(files, paths, options);
  return reading.meant.value === null
    ? scoreAnswers(reading, options)
    : scoreValues(reading, reading.meant.value, options);
}
