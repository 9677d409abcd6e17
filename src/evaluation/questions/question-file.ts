/**
 * Question files as published: YAML lists of maps, with anchors and aliases that reach across items. Every unknown key
 * and bad value is reported with its line and column, all of them at once.
 */
import { open } from "node:fs/promises";
import { kindOf, PlacedYaml, type Path } from "./placed-yaml.js";
import { QuestionFileError, type Problem } from "./problems.js";
import type { Question } from "./question.js";
import { QUESTION_KEYS, questionSchema } from "./question-schema.js";

const MOST_BYTES = 16 * 1024 * 1024;

export async function readQuestionFile(path: string): Promise<Question[]> {
  return parseQuestions(await readText(path, MOST_BYTES), path);
}

/** The text of a file of questions; refuses one that is too large before reading it. */
export async function readText(path: string, mostBytes: number): Promise<string> {
  const file = await open(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new QuestionFileError(path, [{ text: "expected a file, found nothing of that name" }]);
  });
  try {
    const info = await file.stat();
    if (!info.isFile()) throw new QuestionFileError(path, [{ text: "expected a file, found a folder or a device" }]);
    const { size } = info;
    if (size > mostBytes) {
      throw new QuestionFileError(path, [
        {
          text: `expected a file of questions of at most ${mostBytes / 2 ** 20} MiB, found ${Math.ceil(size / 2 ** 20)} MiB`,
        },
      ]);
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.readFile());
  } catch (error) {
    if (error instanceof TypeError) throw new QuestionFileError(path, [{ text: "expected UTF-8 text" }]);
    throw error;
  } finally {
    await file.close();
  }
}

/** @param path names the text in errors. */
export function parseQuestions(text: string, path: string): Question[] {
  const fail = (problems: readonly Problem[]): never => {
    throw new QuestionFileError(path, problems);
  };
  const yaml = PlacedYaml.parse(text, fail);
  const { value: values } = yaml;
  if (!Array.isArray(values) || values.length === 0) {
    return fail([yaml.problem([], `expected a list of questions, found ${kindOf(values)}`)]);
  }
  const problems: Problem[] = [];
  const questions: Question[] = [];
  const seen = new Map<string, number>();
  values.forEach((value: unknown, i) => {
    const result = questionSchema.safeParse(value);
    if (!result.success) {
      for (const problem of yaml.problems(result.error, [i], value, keysAt)) problems.push(problem);
      return;
    }
    const { id } = result.data;
    const before = seen.get(id);
    if (before === undefined) seen.set(id, yaml.line([i, "id"]));
    else {
      const said = `a second question named ${JSON.stringify(id)}; the first is on line ${before}`;
      problems.push(yaml.problem([i, "id"], said));
    }
    questions.push(result.data);
  });
  return problems.length > 0 ? fail(problems) : questions;
}

const keysAt = (path: Path): readonly string[] => (path.length === 0 ? QUESTION_KEYS : ["role", "content"]);
