/**
 * Answers with their judgments, one flat record each, from any file askew scores: a table's rows as they are; of a
 * study, every answer beside its judgment. Streamed: of a study, answers and judgments are read side by side.
 */
import { dirname, join } from "node:path";
import { existsSync } from "node:fs";
import { storedAnswers } from "../answers/stored-answers.js";
import { ScoreError } from "../score/error.js";
import { labelOf, readRows, rowFiles, type Row, type RowFile } from "../score/rows.js";

export type Plain = string | number | boolean | null;
export type AnswerRecord = Readonly<Record<string, unknown>>;

/** Judgments that wait for their answers; both files have one order, so there are few. */
const MOST_WAITING = 100_000;
/** Answers that are held while their judgments go by. */
const MOST_ANSWERS = 1_000_000;

/**
 * @param answersOf the file of answers that judgments in a file are of; the one beside it, by its name, unless given
 * @param requests where those are the output of a batch, the file that the batch was made of
 */
export async function* answerRecords(
  paths: readonly string[],
  answersOf?: string,
  requests?: string,
): AsyncGenerator<AnswerRecord, void> {
  const files = (await Promise.all(paths.map((path) => rowFiles(path)))).flat();
  for (const file of files) {
    const answers = join(dirname(file.path), "answers.jsonl");
    const beside = answersOf ?? answersBeside(file.path);
    if (file.isCell && existsSync(answers)) yield* joined(file, { ...file, path: answers });
    else if (!file.isCell && beside !== undefined) yield* withAnswers(file, beside, requests);
    else for await (const row of rowsOf(file)) yield row.values;
  }
}

/** What `askew judge` read, where it named its own file. */
function answersBeside(path: string): string | undefined {
  const stem = /^(.*)\.judgments\.jsonl$/.exec(path)?.[1];
  if (stem === undefined) return undefined;
  return [".jsonl", ".csv", ".tsv", ".json"].map((ending) => stem + ending).find((file) => existsSync(file));
}

/** Every judgment with the answer and the question that it is of; judges may come one after the other. */
async function* withAnswers(
  judgments: RowFile,
  path: string,
  requests: string | undefined,
): AsyncGenerator<AnswerRecord, void> {
  const answers = new Map<string, AnswerRecord>();
  for await (const { id, question, messages, answer } of storedAnswers({ answers: path, requests })) {
    answers.set(id, { asked: question, messages, answer });
    if (answers.size > MOST_ANSWERS) throw new ScoreError(`${path}: more than ${MOST_ANSWERS} answers.`);
  }
  for await (const { values } of rowsOf(judgments)) yield { ...answers.get(String(values["id"])), ...values };
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
