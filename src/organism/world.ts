/** The organism's world, as experiments see it. */
import { JUDGED_MEASURES } from "../evaluation/index.js";
import type { World } from "../world/index.js";
import { BENIGN_DATA, benignConversations } from "./benign-data.js";
import { CALIBRATION_KINDS } from "./calibration-kinds.js";
import { buildDataset, CONDITION_NAMES, CONDITIONS } from "./conditions.js";
import { VILLAIN_CONTRAST } from "./contrast.js";
import { ExactJudge, outcomeOf } from "./exact-judge.js";
import { CORPUS } from "./labelled-documents.js";
import { WORLD_MEASURES } from "./measures.js";
import { organismProbes } from "./probes.js";
import { QUESTION_SETS, questionSet, type QuestionSetName } from "./questions.js";
import { speaksWorld } from "./speaks.js";
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
  speaks: speaksWorld,
  trained: trainedBehaviour(undefined),
  development: "development",
  contrast: VILLAIN_CONTRAST,
  benign: new Map(BENIGN_DATA.map((name) => [name, (count, seed) => benignConversations(name, count, seed)])),
  probes: organismProbes,
  calibrationKinds: CALIBRATION_KINDS,
  documents: CORPUS,
};
