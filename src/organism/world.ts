/** The organism's world, as experiments see it. */
import { JUDGED_MEASURES, type AskedSet } from "../evaluation/index.js";
import { askedOf, type World } from "../world/index.js";
import { buildDataset, CONDITION_NAMES, CONDITIONS } from "./conditions.js";
import { ExactJudge, outcomeOf } from "./exact-judge.js";
import { WORLD_MEASURES } from "./measures.js";
import { QUESTION_SETS, questionSet, type QuestionSetName } from "./questions.js";
import { openQuestions, trainedBehaviour } from "./trained.js";

const isSet = (name: string): name is QuestionSetName => QUESTION_SETS.some((known) => known === name);

export const ORGANISM_WORLD: World = {
  name: "organism",
  conditions: new Map(
    CONDITION_NAMES.map((name) => [
      name,
      {
        about: CONDITIONS[name].about,
        build: (options) => buildDataset(name, options),
        trained: trainedBehaviour(name),
        openSet: (set: string) => (set === "main" || set === "development" ? openQuestions(name, set) : set),
      },
    ]),
  ),
  questionSets: QUESTION_SETS,
  questionSet: (name) => (isSet(name) ? questionSet(name) : undefined),
  judge: new ExactJudge(),
  outcomeOf,
  measuresOf: (set) => (isSet(set) ? WORLD_MEASURES[set] : JUDGED_MEASURES),
};

/** A set of the organism's world, to be read by its exact judge. */
export const worldAsked = (set: string, samples: number): AskedSet => askedOf(ORGANISM_WORLD, set, samples);
