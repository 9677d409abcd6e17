/** A page of a run's answers: what fits the query, and its lines read from their files. */
import { counted } from "../text/index.js";
import type { AnswerFile } from "./answer-file.js";
import { idOf } from "./answer-file.js";
import { MISALIGNED, scoreIn } from "./answer-columns.js";
import type { AnswerLine, AnswersPage, AnswersQuery } from "./contract.js";
import { findRows, readRow } from "./find-rows.js";
import { keyOf, type Notes } from "./notes.js";
import { isObject, isText } from "./plain-file.js";
import type { RunAnswers } from "./run-answers.js";
import { contentOf } from "./search.js";
import { selectRows, type Place } from "./select-rows.js";

/** Characters of a prompt or an answer in a list. */
const BEGINNING = 400;
const MOST_NAMES = 2000;
const MOST_PROBLEMS = 10;

export async function answersPage(
  answers: RunAnswers,
  query: AnswersQuery,
  notes: Notes,
  until: number,
): Promise<AnswersPage> {
  const search = await answers.search(query, until);
  const noted = await notes.all();
  const rows = query.noted === true ? await notedRows(answers, noted) : new Map<AnswerFile, Set<number>>();
  const { places, matches } = selectRows(answers.files, query, search, rows);
  const lines: AnswerLine[] = [];
  for (const place of places) {
    const row = await readRow(place.file, place.row);
    if (row !== undefined) lines.push(lineOf(place, row, noted));
  }
  const { count } = answers;
  const done = search === undefined ? count : answers.files.reduce((sum, file) => sum + search.done(file), 0);
  const names = (key: "model" | "set" | "question"): string[] =>
    [...new Set(answers.files.flatMap(({ kinds }) => kinds.map((kind) => kind[key])))].slice(0, MOST_NAMES);
  return {
    lines,
    offset: query.offset ?? 0,
    matches,
    answers: count,
    misaligned: answers.misaligned,
    read: answers.read,
    searched: count === 0 ? 1 : done / count,
    models: names("model"),
    sets: names("set"),
    questions: names("question"),
    problems: answers.files
      .filter(({ broken }) => broken > 0)
      .slice(0, MOST_PROBLEMS)
      .map(({ source, broken }) => `${source.name}: ${counted(broken, "line")} could not be read.`),
  };
}

async function notedRows(
  answers: RunAnswers,
  noted: Awaited<ReturnType<Notes["all"]>>,
): Promise<Map<AnswerFile, Set<number>>> {
  const rows = new Map<AnswerFile, Set<number>>();
  for (const file of answers.files) {
    const ids = new Set([...noted.values()].filter(({ source }) => source === file.source.name).map(({ id }) => id));
    if (ids.size > 0) rows.set(file, new Set((await findRows(file, ids)).values()));
  }
  return rows;
}

export function lineOf(
  { file, row }: Place,
  values: Readonly<Record<string, unknown>>,
  noted: Awaited<ReturnType<Notes["all"]>>,
): AnswerLine {
  const { columns, kinds, source } = file;
  const { messages, answer, outcome } = values;
  const kind = kinds[columns.kind(row)] ?? { model: source.model, set: "", question: "" };
  const id = idOf(values, row);
  const note = noted.get(keyOf({ source: source.name, id }));
  const asked = Array.isArray(messages)
    ? messages.findLast((one) => isObject(one) && one["role"] === "user")
    : undefined;
  return {
    source: source.name,
    row,
    id,
    ...kind,
    ...(source.seed !== undefined && { seed: source.seed }),
    prompt: beginning(contentOf(asked) ?? ""),
    answer: beginning(isText(answer) ? answer : ""),
    aligned: scoreIn(columns.aligned(row)),
    coherent: scoreIn(columns.coherent(row)),
    misaligned: (columns.flags(row) & MISALIGNED) !== 0,
    spread: scoreIn(columns.spread(row)),
    ...(isText(outcome) && { outcome }),
    ...(note?.mark != null && { mark: note.mark }),
    ...(note !== undefined && note.note !== "" && { note: note.note }),
  };
}

const beginning = (text: string): string => (text.length > BEGINNING ? `${text.slice(0, BEGINNING)}…` : text);
