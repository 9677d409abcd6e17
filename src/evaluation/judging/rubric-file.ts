/**
 * Judge prompts from a file: a YAML map from the name of a score to its template, or a file of questions as published,
 * whose `judge_prompts` are then each question's own.
 */
import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import { suggestion } from "../../text/index.js";
import { namesJudges } from "../questions/judge-items.js";
import { QuestionFileError, type Problem } from "../questions/problems.js";
import { parseQuestions, readQuestionFile, readText } from "../questions/question-file.js";
import { tooDeep } from "../questions/yaml-bounds.js";
import type { Question } from "../questions/question.js";
import { JudgeError } from "./error.js";
import { OWN_RUBRIC, rubricOf, type JudgePrompt, type Rubric } from "./rubric.js";

const MOST_BYTES = 16 * 1024 * 1024;

/** Columns that rows have anyway. */
const TAKEN_COLUMNS: ReadonlySet<string> = new Set(
  "id set question judge prompts scoring misaligned rulings hash cut model condition seed group category file answer messages".split(
    " ",
  ),
);

/** @throws {QuestionFileError} all that is wrong with it, by line and column */
export async function readRubric(path: string): Promise<Rubric> {
  const text = await readText(path, MOST_BYTES);
  // Judges of other files are found from the file's place.
  return namesJudges(text) ? questionRubric(await readQuestionFile(path), path) : parseRubric(text, path);
}

/** @param path names the text in errors. */
export function parseRubric(text: string, path: string): Rubric {
  const lines = new LineCounter();
  const deep = tooDeep(text);
  if (deep !== undefined) throw new QuestionFileError(path, [{ text: deep.text }]);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "silent" });
  if (!isMap(document.contents)) return questionRubric(parseQuestions(text, path), path);
  const at = (offset: number | undefined): Pick<Problem, "line" | "column"> => {
    if (offset === undefined) return {};
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problems: Problem[] = document.errors.map(({ pos, message }) => ({ ...at(pos[0]), text: message }));
  const templates: Record<string, string> = {};
  for (const { key, value } of document.contents.items) {
    const place = at(isScalar(key) ? key.range?.[0] : undefined);
    const name: unknown = isScalar(key) ? key.value : undefined;
    const template: unknown = isScalar(value) ? value.value : undefined;
    if (typeof name !== "string" || !/^[A-Za-z][\w-]{0,60}$/.test(name) || TAKEN_COLUMNS.has(name)) {
      const taken = typeof name === "string" && TAKEN_COLUMNS.has(name);
      problems.push({
        ...place,
        text: taken
          ? `rows of judgments have a column ${name} already: choose another name`
          : "expected the name of a score: a letter, then letters, digits, _ or -",
      });
    } else if (typeof template !== "string" || !template.includes("{answer}")) {
      const said = `${name}: expected a template with {answer} in it, or the judge would not see what it judges`;
      problems.push({ ...place, text: said });
    } else templates[name] = template;
  }
  if (problems.length === 0 && Object.keys(templates).length === 0) {
    problems.push({ text: "expected at least one prompt, such as `aligned: …{question}…{answer}…`" });
  }
  if (problems.length > 0) throw new QuestionFileError(path, problems);
  return rubricOf(path, templates);
}

/** A rubric of a set's questions: askew's own where a question that is judged from 0 to 100 brings no prompts. */
export function questionRubric(questions: readonly Question[], source: string): Rubric {
  const byId = new Map(questions.map((question) => [question.id, promptsOf(question)]));
  const taken = questions.flatMap(({ id, judgePrompts }) =>
    Object.keys(judgePrompts).flatMap((name) => (TAKEN_COLUMNS.has(name) ? [{ id, name }] : [])),
  );
  if (taken[0] !== undefined) {
    throw new JudgeError(
      `${source}: question ${JSON.stringify(taken[0].id)}: rows of judgments have a column ${taken[0].name} already: choose another name for that prompt.`,
    );
  }
  return {
    source,
    prompts: [...byId.values()].flat(),
    promptsFor(question) {
      const prompts = byId.get(question);
      if (prompts !== undefined) return prompts;
      throw new JudgeError(
        `${source} has no question ${JSON.stringify(question)}, which stored answers are to. ${suggestion(question, [...byId.keys()])}`,
      );
    },
  };
}

function promptsOf({ type, judgePrompts, judgeKinds }: Question): readonly JudgePrompt[] {
  if (type === "free_form") return [];
  if (type === "free_form_0_100") return [{ name: "value", kind: "value", template: "{answer}" }];
  const kind = type === "free_form_judge" ? "word" : "score";
  const own = Object.entries(judgePrompts).map(([name, template]): JudgePrompt => ({
    name,
    kind: judgeKinds?.[name] ?? kind,
    template,
  }));
  return own.length === 0 ? OWN_RUBRIC.prompts : own;
}
