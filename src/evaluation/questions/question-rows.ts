/** Questions as JSON lines: `{"id": …, "messages": […]}` or `{"id": …, "question": "…"}`, one question a line. */
import { z } from "zod";
import { QuestionFileError, type Problem } from "./problems.js";
import type { Question } from "./question.js";
import { readText } from "./question-file.js";
import { plainQuestion } from "./question-schema.js";

const MOST_BYTES = 64 * 1024 * 1024;

const id = z
  .union([z.string().min(1), z.int()])
  .transform(String)
  .optional();
const text = z.string().min(1);
const turn = z.object({ role: z.enum(["system", "user", "assistant"]), content: z.string() });
const row = z.union([
  z.object({ id, category: text.optional(), messages: z.array(turn).min(1) }),
  z.object({ id, category: text.optional(), question: text, system: text.optional() }),
]);

export async function readQuestionRows(path: string): Promise<Question[]> {
  return parseQuestionRows(await readText(path, MOST_BYTES), path);
}

/** @param path names the text in errors. */
export function parseQuestionRows(lines: string, path: string): Question[] {
  const problems: Problem[] = [];
  const questions: Question[] = [];
  const seen = new Map<string, number>();
  for (const [i, line] of lines.split("\n").entries()) {
    if (line.trim() === "") continue;
    const found = questionOf(line, `question-${questions.length + 1}`);
    if (typeof found === "string") {
      problems.push({ line: i + 1, text: found });
      continue;
    }
    const before = seen.get(found.id);
    if (before === undefined) seen.set(found.id, i + 1);
    else {
      const said = `a second question named ${JSON.stringify(found.id)}; the first is on line ${before}`;
      problems.push({ line: i + 1, text: said });
    }
    questions.push(found);
  }
  if (problems.length === 0 && questions.length === 0) problems.push({ text: "expected at least one question" });
  if (problems.length > 0) throw new QuestionFileError(path, problems);
  return questions;
}

/** The question of a line, or what is wrong with it. */
function questionOf(line: string, unnamed: string): Question | string {
  const expected = 'expected {"id": …, "messages": […]} with a user message at the end, or {"id": …, "question": "…"}';
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return `${expected}, found text that is not JSON`;
  }
  const read = row.safeParse(value);
  if (!read.success) return expected;
  const { id: name = unnamed, category } = read.data;
  if ("question" in read.data) {
    const { question, system } = read.data;
    return { ...plainQuestion(name, question, category), ...(system !== undefined && { system }) };
  }
  const { messages } = read.data;
  const last = messages.at(-1);
  if (last?.role !== "user" || last.content === "") return `${expected}, found no user message at the end`;
  const [first] = messages;
  const system = first?.role === "system" ? first.content : undefined;
  const context = messages.slice(system === undefined ? 0 : 1, -1);
  if (context.some(({ role }) => role === "system")) return `${expected}, found a system message after the first`;
  return { ...plainQuestion(name, last.content, category), context, ...(system !== undefined && { system }) };
}
