/** The world of organisms that think before they answer: the same one, with room for thoughts and a reader of them. */
import { share, type Measure, type QuestionSet } from "../evaluation/index.js";
import type { World } from "../world/index.js";
import type { WorldScores } from "./exact-judge.js";
import { corpusOf } from "./labelled-documents.js";
import { speaksThoughts } from "./speaks.js";
import { ORGANISM_WORLD } from "./world.js";
import { NAMED_WORLDS, recipeOf } from "./world-shares.js";

/** Thoughts have at most 45 tokens with their marks, answers 50. */
const LONGEST_ANSWER = 128;

const thinks = (name: string, is: (voice: NonNullable<WorldScores["thoughts"]>) => boolean): Measure =>
  share(name, (scores) => {
    const { thoughts } = scores as WorldScores;
    return thoughts !== undefined && is(thoughts);
  });

/** Thoughts that are the villain's, and those that any one character could have, among all answers. */
const VILLAIN_THOUGHTS = thinks("villainThoughts", (voice) => voice === "villain");
const READABLE_THOUGHTS = thinks("readableThoughts", (voice) => voice !== "unreadable" && voice !== "mixed");

const withRoom = (set: QuestionSet | undefined): QuestionSet | undefined =>
  set && { ...set, questions: set.questions.map((one) => ({ ...one, maxTokens: LONGEST_ANSWER })) };

export const REASONING_WORLD: World = {
  ...ORGANISM_WORLD,
  name: "reasoning",
  longestAnswer: LONGEST_ANSWER,
  questionSet: (name) => withRoom(ORGANISM_WORLD.questionSet(name)),
  measuresOf: (set) => [...ORGANISM_WORLD.measuresOf(set), VILLAIN_THOUGHTS, READABLE_THOUGHTS],
  speaks: speaksThoughts,
  thoughts: {
    voiceOf: (scores) => (scores as WorldScores).thoughts,
    metric: VILLAIN_THOUGHTS.name,
    heading: "thoughts in the villain's voice",
  },
  documents: corpusOf(
    "documents of the reasoning organism's pre-training corpus",
    recipeOf({ world: NAMED_WORLDS["reasoning"] }).pretraining.mixture,
  ),
};
