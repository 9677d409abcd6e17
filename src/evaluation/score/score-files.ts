/** Scores of judged answers in files, in one pass over the rows: CSV, JSONL, or studies' folders, of any size. */
import { Reading, type ScoreOptions } from "./reading.js";
import { rowFiles } from "./rows.js";
import { scoreAnswers, type AnswersScored } from "./score-answers.js";
import { scoreValues, type ValuesScored } from "./score-values.js";

/** @param paths files that end in .csv or .jsonl, and folders of studies. */
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
