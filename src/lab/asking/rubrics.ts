/** The prompts of a judge of several question sets: a question's own, or the usual ones where its set brings none. */
import { questionRubric, type JudgePrompt, type Rubric } from "../../evaluation/index.js";
import { findQuestions, type FoundQuestions } from "../../world/index.js";
import { WORLDS } from "./worlds.js";

/** @param usual for questions of no other set, and for those of a world, whose questions bring no prompts */
export function rubricOfSets(usual: Rubric, all: readonly FoundQuestions[]): Rubric {
  const rubrics = all.map(({ set, world }) => ({
    ids: new Set(set.questions.map(({ id }) => id)),
    rubric: world === undefined ? questionRubric(set.questions, set.source) : usual,
  }));
  const prompts = new Map<string, JudgePrompt>(
    rubrics.flatMap(({ rubric }) => rubric.prompts).map((prompt) => [JSON.stringify(prompt), prompt] as const),
  );
  return {
    source: all.map(({ set }) => set.source).join(", "),
    prompts: [...prompts.values()],
    promptsFor: (question) => (rubrics.find(({ ids }) => ids.has(question))?.rubric ?? usual).promptsFor(question),
  };
}

/** The usual prompts, but for the questions of these sets. */
export async function rubricWithSets(usual: Rubric, names: readonly string[]): Promise<Rubric> {
  if (names.length === 0) return usual;
  const all: FoundQuestions[] = [];
  for (const name of names) all.push(await findQuestions(name, { worlds: WORLDS }));
  const own = rubricOfSets(usual, all);
  return {
    source: `${usual.source}, ${own.source}`,
    prompts: [...usual.prompts, ...own.prompts],
    promptsFor: (question) => own.promptsFor(question),
  };
}
