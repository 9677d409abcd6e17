/**
 * Answers with their judgments, one flat record each, from any file askew scores: a table's rows as they are; of a
 * study, every answer beside its judgment. Streamed: of a study, answers and judgments are read side by side.
 */
import { dirname, join } from "node:path";
import { existsSync } from "node:fs";
import { ScoreError } from "../score/error.js";
import { labelOf, readRows, rowFiles, type Row, type RowFile } from "../score/rows.js";

export type Plain = string | number | boolean | null;
export type AnswerRecord = Readonly<Record<string, unknown>>;

/** Judgments that wait for their answers; both files have one order, so there are few. */
const MOST_WAITING = 100_000;

export async function* answerRecords(paths: readonly string[]): AsyncGenerator<AnswerRecord, void> {
  const files = (await Promise.all(paths.map((path) => rowFiles(path)))).flat();
  for (const file of files) {
    const answers = join(dirname(file.path), "answers.jsonl");
    if (file.isCell && existsSync(answers)) yield* joined(file, { ...file, path: answers });
    else for await (const row of rowsOf(file)) yield row.values;
  }
}

async function* rowsOf(file: RowFile): AsyncGenerator<Row, void> {
  for await (const rows of readRows(file, labelOf(file.path))) yield* rows;
}

/** Answers without a judgment come without scores; judgments without an answer are left out. */
async function* joined(judgments: RowFile, answers: RowFile): AsyncGenerator<AnswerRecord, void> {
  const waiting = new Map<string, AnswerRecord[]>();
  const judged = rowsOf(judgments);
  let done = false;
  for await (const { values: answer, line } of rowsOf(answers)) {
    const id = answer["id"];
    if (typeof id !== "string") throw new ScoreError(`${answers.path}, line ${line}: expected an answer with an id.`);
    while (!done && !waiting.has(id)) {
      const next = await judged.next();
      if (next.done === true) done = true;
      else wait(waiting, next.value.values, judgments.path);
    }
    const { file: _, ...rest } = answer;
    const found = waiting.get(id) ?? [{}];
    // Several judges of one answer give several records.
    for (const judgment of found) yield { ...rest, ...judgment };
    waiting.delete(id);
  }
}

function wait(waiting: Map<string, AnswerRecord[]>, row: AnswerRecord, path: string): void {
  const { file: _, ...judgment } = row;
  const id = String(judgment["id"]);
  waiting.set(id, [...(waiting.get(id) ?? []), judgment]);
  if (waiting.size > MOST_WAITING) {
    throw new ScoreError(`${path}: more than ${MOST_WAITING} judgments come before the answers they judge.`);
  }
}

/** What fits into a cell of a table: text, a number, true or false, nothing; anything else as JSON. */
export function plain(value: unknown): Plain {
  if (value === undefined || value === null) return null;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  return JSON.stringify(value);
}
