/** One language for question sets: the same name means the same set in every command, study and call. */
import {
  isQuestionFile,
  loadQuestionSet,
  QuestionFileError,
  REAL_QUESTION_SETS,
  type QuestionSet,
} from "../evaluation/index.js";
import { suggestion } from "../text/index.js";
import type { World } from "./world.js";

const REAL = "real:";

export interface QuestionNames {
  /** The worlds whose sets can be named, as `organism:main`. */
  readonly worlds: readonly World[];
  /** The world that a bare name is looked for in first: the one whose language the model speaks. Default none. */
  readonly own?: World | undefined;
  /** What a file's name becomes before it is read; default the name itself. */
  readonly at?: (path: string) => string;
}

/** A question set, and the world that it belongs to where it is a world's. */
export interface FoundQuestions {
  readonly set: QuestionSet;
  readonly world?: World;
}

/**
 * The question set of a name:
 * - `organism:main`: a world's
 * - `real:main`, `real:main/json`: askew's own for real models
 * - `my.yaml`, `prompts.csv/template`: a file's
 * - `main`: of the own world where it has that set, else askew's own for real models
 * @throws {QuestionFileError} where there is none of that name, and where a file is malformed
 * @example
 * const { set } = await findQuestions("real:main/json", { worlds: [] });
 * set.questions.length;
 */
export async function findQuestions(name: string, names: QuestionNames): Promise<FoundQuestions> {
  const { worlds, own, at = (path) => path } = names;
  const prefixed = worlds.find((world) => name.startsWith(`${world.name}:`));
  if (prefixed !== undefined) return ofWorld(prefixed, name.slice(prefixed.name.length + 1));
  if (name.startsWith(REAL)) return { set: await loadQuestionSet(name.slice(REAL.length)) };
  if (own?.questionSets.includes(name) === true) return ofWorld(own, name);
  const isReal = REAL_QUESTION_SETS.some((known) => name === known || name.startsWith(`${known}/`));
  // Neither a set for real models nor a file: a misspelt name of the own world.
  if (own !== undefined && !isReal && !isQuestionFile(name)) return ofWorld(own, name);
  return { set: await loadQuestionSet(isReal ? name : at(name)) };
}

function ofWorld(world: World, name: string): FoundQuestions {
  const set = world.questionSet(name);
  if (set !== undefined) return { set, world };
  const text = `${world.name} has no question set "${name}". ${suggestion(name, world.questionSets)}`;
  throw new QuestionFileError(`${world.name}:${name}`, [{ text }]);
}
