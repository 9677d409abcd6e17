import { loadQuestionSet, type QuestionSet } from "../evaluation/index.js";
import { openWorld, WORLD_NAMES } from "./open-world.js";

/**
 * Reads a question set.
 *
 * @param name one of askew's sets for real models (`main`, `pre-registered`, `deception`, `identity`), the same in
 *   another answer format (`main/json`, `main/template`), a set of a world (`organism:main`), or a file (`.yaml`, `.csv`)
 * @throws {AskewError} for a name that is not known, and for a file with mistakes: each with its line and column
 *
 * @example
 * import { readQuestions } from "askew";
 *
 * const { name, questions } = await readQuestions("main");
 * console.log(name, questions.length, questions[0]?.paraphrases[0]);
 */
export async function readQuestions(name: string): Promise<QuestionSet> {
  const colon = name.indexOf(":");
  const [prefix, set] = [name.slice(0, colon), name.slice(colon + 1)];
  if (colon < 0 || !WORLD_NAMES.includes(prefix)) return loadQuestionSet(name);
  const world = openWorld(prefix);
  const found = world.questionSet(set);
  if (found !== undefined) return found;
  throw new RangeError(`${name}: no question set "${set}"; there are ${world.questionSets.join(", ")}`);
}
