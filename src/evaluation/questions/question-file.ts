/**
 * Question files as published: YAML lists of maps, with anchors and aliases that reach across items. Every unknown key
 * and bad value is reported with its line and column, all of them at once.
 */
import { open } from "node:fs/promises";
import { foreignBytes, foreignFolder, type Foreign } from "../../dataset/index.js";
import { judgeItem, judgesBeside, judgesOf, namesJudges, type JudgeItem } from "./judge-items.js";
import { kindOf, PlacedYaml, type Path } from "./placed-yaml.js";
import { QuestionFileError, type Problem } from "./problems.js";
import type { Question } from "./question.js";
import { QUESTION_KEYS, questionSchema } from "./question-schema.js";

/** Told as text that is not UTF-8. */
const UTF_16 = "UTF-16";
const MOST_PROBLEMS = 200;
const MOST_BYTES = 16 * 1024 * 1024;

export async function readQuestionFile(path: string): Promise<Question[]> {
  const text = await readText(path, MOST_BYTES);
  const beside = namesJudges(text) ? await judgesBeside(path, (file) => readText(file, MOST_BYTES)) : [];
  return parseQuestions(text, path, beside);
}

/** The text of a file of questions; refuses one that is too large before reading it. */
export async function readText(path: string, mostBytes: number): Promise<string> {
  const file = await open(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new QuestionFileError(path, [{ text: "expected a file, found nothing of that name" }]);
  });
  try {
    const info = await file.stat();
    if (!info.isFile()) {
      const { what, cure }: Foreign = info.isDirectory() ? await foreignFolder(path) : { what: "a device or a pipe" };
      const hint = cure === undefined ? "" : `. ${cure}`;
      throw new QuestionFileError(path, [{ text: `expected a file of questions, found ${what}${hint}` }]);
    }
    const { size } = info;
    if (size > mostBytes) {
      throw new QuestionFileError(path, [
        {
          text: `expected a file of questions of at most ${mostBytes / 2 ** 20} MiB, found ${Math.ceil(size / 2 ** 20)} MiB`,
        },
      ]);
    }
    const bytes = await file.readFile();
    const foreign = foreignBytes(bytes, path);
    if (foreign !== undefined && foreign.what !== UTF_16) {
      const hint = foreign.cure === undefined ? "" : `. ${foreign.cure}`;
      throw new QuestionFileError(path, [{ text: `expected questions, found ${foreign.what}${hint}` }]);
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw new QuestionFileError(path, [{ text: "expected UTF-8 text" }]);
    throw error;
  } finally {
    await file.close();
  }
}

/** @param path names the text in errors. @param beside judges of other files, which its questions may name */
export function parseQuestions(text: string, path: string, beside: readonly JudgeItem[] = []): Question[] {
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
  const own = values.flatMap((value: unknown) => judgeItem(value) ?? []);
  const judges = new Map([...beside, ...own].map((judge) => [judge.id, judge]));
  values.forEach((value: unknown, i) => {
    // Each place is looked for in the whole document.
    if (problems.length > MOST_PROBLEMS) return;
    if (judgeItem(value) !== undefined) return;
    const { question, fault } = withJudges(value, judges);
    if (fault !== undefined) problems.push(yaml.problem([i, "judges"], fault));
    const result = questionSchema.safeParse(question);
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
  if (problems.length === 0 && questions.length === 0) {
    return fail([{ text: "expected questions, found judges alone. Give the file whose questions name them." }]);
  }
  return problems.length > 0 ? fail(problems) : questions;
}

/** A question under the names that the schema has, with the judges that it names put in as prompts. */
function withJudges(
  value: unknown,
  known: ReadonlyMap<string, JudgeItem>,
): { readonly question: unknown; readonly fault?: string } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { question: value };
  const { name, judges, ...rest } = value as Readonly<Record<string, unknown>>;
  const question = name === undefined || "id" in rest ? rest : { id: name, ...rest };
  if (judges === undefined || judges === null) return { question };
  const found = judgesOf(judges, known);
  if (typeof found === "string") return { question, fault: found };
  const all = [...found.values()];
  const [model, ...others] = new Set(all.map((judge) => judge.model));
  return {
    question: {
      ...question,
      ...(rest["type"] === "free_form" && { type: all.some(({ kind }) => kind === "score") ? SCORED : WORDED }),
      judge_prompts: Object.fromEntries([...found].map(([alias, { template }]) => [alias, template])),
      judge_kinds: Object.fromEntries([...found].map(([alias, { kind }]) => [alias, kind])),
      ...(model !== undefined && others.length === 0 && rest["judge"] === undefined && { judge: model }),
    },
  };
}

const [SCORED, WORDED] = ["free_form_judge_0_100", "free_form_judge"] as const;

const keysAt = (path: Path): readonly string[] => (path.length === 0 ? QUESTION_KEYS : ["role", "content"]);
