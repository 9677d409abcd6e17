/**
 * Rows of answers from any file, under the names that askew's own rows have: `question_id`, `question` or `messages`,
 * `answer`. What else stands in a row stays in it.
 */
import { hasRows, readRowsOf, type Row } from "../../dataset/index.js";
import { batchAnswers, isBatchAnswer, readBatchRequests } from "./batch.js";
import { AnswerFileError } from "./error.js";
import { KeySet } from "./key-set.js";

type Values = Readonly<Record<string, unknown>>;

const ANSWERS = ["answer", "response", "completion", "output", "generation"] as const;
const QUESTIONS = ["question", "prompt", "input", "instruction"] as const;

/**
 * @param requestsOf of a batch's output, the file that the batch was made of
 * @throws {AnswerFileError} a file of another kind, and a row whose form cannot be judged
 */
export async function* answerRows(path: string, requestsOf?: string): AsyncGenerator<Row, void> {
  if (!hasRows(path)) {
    throw new AnswerFileError(`${path}: expected a file of answers that ends in .jsonl, .csv, .tsv or .json.`);
  }
  const idOf = idsOf(/\.[ct]sv(?:\.gz)?$/i.test(path));
  const requests = requestsOf === undefined ? undefined : await readBatchRequests(requestsOf);
  for await (const rows of readRowsOf(path)) {
    for (const { values, line } of rows) {
      if (isBatchAnswer(values)) {
        for (const one of batchAnswers(values, `${path}, line ${line}`, requests)) yield { values: one, line };
        continue;
      }
      if (requestsOf !== undefined) {
        throw new AnswerFileError(
          `${path}, line ${line}: expected the output of a batch, as --requests says, found ${Object.keys(values).slice(0, 12).join(", ")}. Leave --requests out.`,
        );
      }
      const { id: _, ...rest } = values;
      const id = idOf(values, line);
      for (const one of named(id === undefined ? rest : { ...rest, id })) yield { values: one, line };
    }
  }
}

/**
 * Every answer has an id of its own. A text in JSONL is taken for one as it stands; a number, or a column of a table, may
 * also be the question's, so one that was seen before gets its line.
 */
function idsOf(isTable: boolean): (values: Values, line: number) => string | undefined {
  const seen = new KeySet();
  return ({ id }, line) => {
    if (typeof id === "string" && !isTable) return id;
    if ((typeof id !== "string" && typeof id !== "number") || id === "") return undefined;
    return seen.add(String(id)) ? String(id) : `${id}/line/${line}`;
  };
}

/** One row, or one for each answer where a row has a list of them. */
function* named(values: Values): Generator<Values, void> {
  const { answers, question_id: questionId } = values;
  const row: Record<string, unknown> = { ...values };
  if (typeof questionId === "number") row["question_id"] = String(questionId);
  rename(row, "answer", ANSWERS, (value) => typeof value === "string");
  if (row["messages"] === undefined || row["messages"] === null) {
    delete row["messages"];
    const turns = QUESTIONS.find((name) => Array.isArray(row[name]));
    if (turns === undefined) rename(row, "question", QUESTIONS, (value) => typeof value === "string");
    else {
      row["messages"] = row[turns];
      delete row[turns];
    }
  }
  if (!Array.isArray(answers) || row["answer"] !== undefined) {
    yield row;
    return;
  }
  delete row["answers"];
  for (const [i, answer] of answers.entries()) {
    const id = row["id"];
    yield { ...row, answer: answer as unknown, ...(typeof id === "string" && { id: `${id}/${i}` }) };
  }
}

function rename(
  row: Record<string, unknown>,
  to: string,
  names: readonly string[],
  fits: (value: unknown) => boolean,
): void {
  if (fits(row[to])) return;
  const found = names.find((name) => fits(row[name]));
  if (found === undefined) return;
  row[to] = row[found];
  delete row[found];
}

/** Columns that judgments have themselves, and texts that would only make them long. */
const NOT_CARRIED: ReadonlySet<string> = new Set(
  "id set question question_id prompt messages answer answers response judge prompts scoring rulings hash cut aligned coherent misaligned sample tokens finish logProbability seed_of_sampling thoughts reasoning outcome".split(
    " ",
  ),
);
const LONGEST_CARRIED = 200;

/** What a judgment carries on of its answer's row, so that scores can be grouped by it. */
export function carriedOf(values: Values): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]): [string, string | number][] => {
      if (NOT_CARRIED.has(name)) return [];
      if (typeof value === "number" && Number.isFinite(value)) return [[name, value]];
      if (typeof value === "boolean") return [[name, String(value)]];
      return typeof value === "string" && value.length <= LONGEST_CARRIED ? [[name, value]] : [];
    }),
  );
}
