/** The files that a study's file names: questions, and prompts for judges. Their names begin where it lies. */
import { dirname, resolve } from "node:path";
import { loadQuestionSet, readRubric, type Question, type Rubric } from "../../evaluation/index.js";
import type { Judging } from "../plan.js";
import { StudyError } from "../error.js";

export interface Beside {
  /** By the key in the study's file. */
  readonly sets: ReadonlyMap<string, { readonly name: string; readonly questions: readonly Question[] }>;
  readonly prompts?: NonNullable<Judging["prompts"]>;
}

export const NOTHING_BESIDE: Beside = { sets: new Map() };

const REAL = "real:";

/** @throws {QuestionFileError} all that is wrong in one of them, with its own lines */
export async function readBeside(
  study: string,
  named: { readonly sets: readonly string[]; readonly prompts?: string },
): Promise<Beside> {
  const at = (name: string): string => resolve(dirname(study), name);
  const sets = new Map<string, { name: string; questions: readonly Question[] }>();
  for (const key of named.sets) {
    const isReal = key.startsWith(REAL);
    const { name, questions } = await loadQuestionSet(isReal ? key.slice(REAL.length) : at(key));
    sets.set(key, { name: isReal ? `${REAL}${name}` : name, questions });
  }
  if (named.prompts === undefined) return { sets };
  const rubric = await readRubric(at(named.prompts));
  return { sets, prompts: { source: named.prompts, templates: templatesOf(rubric, at(named.prompts)) } };
}

function templatesOf(rubric: Rubric, path: string): Record<string, string> {
  try {
    rubric.promptsFor("");
  } catch {
    throw new StudyError(
      `${path}: expected a map from names of scores to templates, found questions. Name the file under questions: its prompts then go with them.`,
    );
  }
  return Object.fromEntries(rubric.prompts.map(({ name, template }) => [name, template]));
}
