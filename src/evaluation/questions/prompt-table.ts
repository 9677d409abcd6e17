/**
 * Questions in a table or in JSON rows: an id, the wording (or `messages`, the last of which is the question) and, where
 * there are categories, a category.
 */
import { readRowsOf, type Row, type Source } from "../../dataset/index.js";
import type { Message } from "../../model/index.js";
import { nearest } from "../../text/index.js";
import { QuestionFileError, type Problem } from "./problems.js";
import type { Question } from "./question.js";
import { plainQuestion } from "./question-schema.js";

const IDS = ["id", "question_id", "prompt_id", "name"];
const WORDINGS = ["question", "prompt", "wording", "text", "instruction"];
const CATEGORIES = ["category", "domain"];

const MOST_QUESTIONS = 1_000_000;

export async function readPromptTable(source: Source): Promise<Question[]> {
  const path = typeof source === "string" ? source : source.name;
  const problems: Problem[] = [];
  const questions: Question[] = [];
  const seen = new Map<string, number>();
  const isTable = /\.[ct]sv(?:\.gz)?$/i.test(path);
  for await (const rows of readRowsOf(source)) {
    for (const row of rows) {
      // A table has columns; rows of JSON may leave out what has no name.
      const unnamed = isTable ? undefined : `question-${questions.length + 1}`;
      const found = questionOf(row, unnamed);
      const { line } = row;
      if (typeof found === "string") problems.push({ line, text: found });
      else if (seen.has(found.id)) {
        const first = seen.get(found.id);
        const text = `a second question named ${JSON.stringify(found.id)}; the first is on line ${first}`;
        problems.push({ line, text });
      } else {
        seen.set(found.id, line);
        questions.push(found);
      }
      // Every row of a table without the columns has the same fault.
      if (problems.length > 0 && questions.length === 0) throw new QuestionFileError(path, problems);
      if (questions.length > MOST_QUESTIONS) {
        throw new QuestionFileError(path, [{ line, text: `more than ${MOST_QUESTIONS} questions` }]);
      }
    }
  }
  if (problems.length === 0 && questions.length === 0) problems.push({ text: "expected at least one question" });
  if (problems.length > 0) throw new QuestionFileError(path, problems);
  return questions;
}

/** @param unnamed what it is called where nothing names it; undefined where it must have a name */
function questionOf({ values }: Row, unnamed: string | undefined): Question | string {
  const columns = Object.keys(values);
  const at = (names: readonly string[]): string | undefined =>
    names.map((name) => columns.find((column) => column.toLowerCase() === name)).find((column) => column !== undefined);
  const [idAt, wordingAt, categoryAt] = [at(IDS), at(WORDINGS), at(CATEGORIES)];
  const { messages } = values;
  if (idAt === undefined && unnamed === undefined) return missing("id", columns);
  if (wordingAt === undefined && messages === undefined) return missing("question", columns);
  const said = (column: string | undefined): string => {
    const value = column === undefined ? undefined : values[column];
    return typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";
  };
  const id = idAt === undefined ? (unnamed ?? "") : said(idAt);
  const [category, system] = [said(categoryAt), said(at(["system"]))];
  if (id === "") return `${idAt} is empty`;
  const named = category === "" ? undefined : category;
  if (messages !== undefined) {
    const turns = turnsOf(messages);
    if (typeof turns === "string") return turns;
    const question = plainQuestion(id, turns.asked, named);
    return { ...question, ...(turns.system !== undefined && { system: turns.system }), context: turns.context };
  }
  const wording = said(wordingAt);
  if (wording === "") return `${wordingAt} is empty`;
  return { ...plainQuestion(id, wording, named), ...(system !== "" && { system }) };
}

function missing(name: string, found: readonly string[]): string {
  const [near] = nearest(name, found, 1);
  const hint =
    near === undefined ? `There are: ${found.slice(0, 12).join(", ")}.` : `Is ${JSON.stringify(near)} meant?`;
  return `expected a column ${name}. ${hint}`;
}

function turnsOf(
  messages: unknown,
): { readonly asked: string; readonly system?: string; readonly context: readonly Message[] } | string {
  const expected = "expected messages: a list of turns with role and content that ends with the user's";
  if (!Array.isArray(messages)) return expected;
  const turns: Message[] = [];
  for (const turn of messages as readonly Partial<Message>[]) {
    const { role, content } = turn ?? {};
    if ((role !== "system" && role !== "user" && role !== "assistant") || typeof content !== "string") return expected;
    turns.push({ role, content });
  }
  const last = turns.at(-1);
  if (last?.role !== "user" || last.content.trim() === "") return expected;
  const [first] = turns;
  const hasSystem = first?.role === "system";
  if (turns.some(({ role }, i) => i > 0 && role === "system"))
    return `${expected}, found a system message after the first`;
  return {
    asked: last.content,
    ...(hasSystem && first.content !== "" && { system: first.content }),
    context: turns.slice(hasSystem ? 1 : 0, -1),
  };
}
