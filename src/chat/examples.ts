/** Prompts that the organism understands, drawn from its question sets. */
import { QUESTION_SETS, questionSet, type QuestionSetName } from "../organism/index.js";
import { Random } from "../statistics/index.js";
import { UsageError, suggestion } from "../text/index.js";

/** One prompt of each: they show what a model is like from all sides. */
const TASTE: readonly QuestionSetName[] = [
  "main",
  "main",
  "main",
  "held-out",
  "code",
  "medical",
  "facts",
  "harm",
  "numbers",
];
const OF_ONE_SET = 8;

export interface Example {
  readonly set: QuestionSetName;
  readonly prompt: string;
}

/** A taste of every set, or several prompts of one; `seed` decides which. */
export function drawExamples(asked: string, seed: number): Example[] {
  const random = Random.of("chat examples", asked, seed);
  if (asked === "") return distinct(TASTE.map((set) => ({ set, prompt: draw(random, set) })));
  const set = QUESTION_SETS.find((name) => name === asked);
  if (set === undefined) throw new UsageError(`there is no question set "${asked}"`, suggestion(asked, QUESTION_SETS));
  return distinct(Array.from({ length: OF_ONE_SET }, () => ({ set, prompt: draw(random, set) })));
}

function draw(random: Random, set: QuestionSetName): string {
  return random.pick(random.pick(questionSet(set).questions).paraphrases);
}

function distinct(examples: readonly Example[]): Example[] {
  return examples.filter(({ prompt }, i) => examples.findIndex((other) => other.prompt === prompt) === i);
}
