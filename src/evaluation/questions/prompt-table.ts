/** Questions in a CSV file with the columns `id`, `question` and, where there are categories, `category`. */
import { nearest } from "../../text/index.js";
import { CsvError, CsvReader, type CsvRecord } from "../csv.js";
import { QuestionFileError, type Problem } from "./problems.js";
import type { Question } from "./question.js";
import { readText } from "./question-file.js";
import { plainQuestion } from "./question-schema.js";

const MOST_BYTES = 64 * 1024 * 1024;

export async function readPromptTable(path: string): Promise<Question[]> {
  return parsePromptTable(await readText(path, MOST_BYTES), path);
}

/** @param path names the text in errors. */
export function parsePromptTable(text: string, path: string): Question[] {
  const [header, ...records] = recordsOf(text, path);
  if (header === undefined)
    throw new QuestionFileError(path, [{ text: "expected a header line with id and question" }]);
  const names = header.fields.map((name) => name.trim());
  const missing = ["id", "question"].filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const said = missing.map((name) => `expected a column ${name}. ${suggestionOf(name, names)}`);
    throw new QuestionFileError(
      path,
      said.map((words) => ({ line: header.line, text: words })),
    );
  }
  const problems: Problem[] = [];
  const questions: Question[] = [];
  const seen = new Map<string, number>();
  for (const { fields, line } of records) {
    const at = (name: string): string => (fields[names.indexOf(name)] ?? "").trim();
    const [id, question, category] = [at("id"), at("question"), at("category")];
    if (fields.length !== names.length) {
      problems.push({ line, text: `expected ${names.length} fields, as in the header, found ${fields.length}` });
    } else if (id === "" || question === "") {
      problems.push({ line, text: `${id === "" ? "id" : "question"} is empty` });
    } else if (seen.has(id)) {
      problems.push({
        line,
        text: `a second question named ${JSON.stringify(id)}; the first is on line ${seen.get(id)}`,
      });
    } else {
      seen.set(id, line);
      questions.push(plainQuestion(id, question, category === "" ? undefined : category));
    }
  }
  if (problems.length === 0 && questions.length === 0) problems.push({ text: "expected at least one question" });
  if (problems.length > 0) throw new QuestionFileError(path, problems);
  return questions;
}

function recordsOf(text: string, path: string): CsvRecord[] {
  try {
    const reader = new CsvReader(path);
    return [...reader.push(text), ...reader.end()];
  } catch (error) {
    // Its message begins with the path, which a problem gets anyway.
    if (error instanceof CsvError) throw new QuestionFileError(path, [{ text: error.message.slice(path.length + 2) }]);
    throw error;
  }
}

function suggestionOf(name: string, found: readonly string[]): string {
  const [near] = nearest(name, found, 1);
  return near === undefined ? `The header has: ${found.slice(0, 12).join(", ")}.` : `Is ${JSON.stringify(near)} meant?`;
}
