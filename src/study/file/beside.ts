/** The files that a study's file names: questions, datasets, prompts for judges. Their names begin where it lies. */
import { dirname, resolve } from "node:path";
import { readDataset } from "../../dataset/index.js";
import { QuestionFileError, readRubric, type Problem, type Question, type Rubric } from "../../evaluation/index.js";
import { findQuestions } from "../../world/index.js";
import { codeOf, fileSha256 } from "../../store/index.js";
import type { ConditionFile, Judging } from "../plan.js";
import { StudyError } from "../error.js";
import { namedHeadersOf } from "../model-headers.js";
import { WORLD } from "../world.js";

/** A question set that the file names. */
export interface NamedQuestions {
  /** As the answers name it. */
  readonly name: string;
  /** Absent where it is the world's own. */
  readonly questions?: readonly Question[];
}

/** A dataset, or what is wrong with it. */
export type NamedData = Pick<ConditionFile, "path" | "sha256" | "rows"> | Problem;

export interface Beside {
  /** By the key in the study's file. */
  readonly sets: ReadonlyMap<string, NamedQuestions>;
  /** What is wrong with the keys that name neither a set nor a file that can be read, by key. */
  readonly unknown?: ReadonlyMap<string, string>;
  /** By the name in the study's file. */
  readonly data: ReadonlyMap<string, NamedData>;
  readonly prompts?: NonNullable<Judging["prompts"]>;
  /** How many parameters models have whose files lie here, by name: how they are trained by default depends on it. */
  readonly parameters?: ReadonlyMap<string, number>;
}

export const NOTHING_BESIDE: Beside = { sets: new Map(), data: new Map() };

/** What a study's file names, before it is known to be right. */
export interface Named {
  readonly sets: readonly string[];
  readonly data: readonly string[];
  readonly models: readonly string[];
  readonly prompts?: string;
  /** Bare names of question sets mean the world's where it has them. */
  readonly worldFirst: boolean;
}

/** @throws {QuestionFileError} all that is wrong in one of the files of questions, with its own lines */
export async function readBeside(study: string, named: Named): Promise<Beside> {
  const at = (name: string): string => resolve(dirname(study), name);
  const own = named.worldFirst ? WORLD : undefined;
  const sets = new Map<string, NamedQuestions>();
  const unknown = new Map<string, string>();
  for (const key of named.sets) {
    try {
      const { set, world } = await findQuestions(key, { worlds: [WORLD], own, at });
      sets.set(key, world === undefined ? { name: set.name, questions: set.questions } : { name: set.name });
    } catch (error) {
      // The mistakes of a file are told at its own lines; a name that leads to none is a mistake of the study.
      if (!(error instanceof QuestionFileError) || error.problems.some(({ line }) => line !== undefined)) throw error;
      unknown.set(key, error.problems.map(({ text }) => text).join(" "));
    }
  }
  const data = new Map<string, NamedData>();
  for (const name of named.data) data.set(name, await readData(at(name)));
  const parameters = new Map<string, number>();
  for (const name of named.models) parameters.set(name, (await namedHeadersOf(name))?.parameters ?? 0);
  if (named.prompts === undefined) return { sets, unknown, data, parameters };
  const rubric = await readRubric(at(named.prompts));
  return {
    sets,
    unknown,
    data,
    parameters,
    prompts: { source: named.prompts, templates: templatesOf(rubric, at(named.prompts)) },
  };
}

/** Read whole, so that a malformed row is found before anything is computed. @throws {DatasetError} with its line */
async function readData(path: string): Promise<NamedData> {
  try {
    const sha256 = await fileSha256(path);
    return { path, sha256, rows: (await readDataset(path)).length };
  } catch (error) {
    if (codeOf((error as Error).cause ?? error) === "ENOENT") return { text: `${path}: there is no such file` };
    throw error;
  }
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
