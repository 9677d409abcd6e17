/**
 * A trait as persona vectors have it (Chen et al. 2025): pairs of system prompts that ask for the trait and for its
 * opposite, questions, and a judge's prompt that scores the trait from 0 to 100.
 */
import { basename, extname } from "node:path";
import { z } from "zod";
import {
  plainQuestion,
  rubricOf,
  OWN_RUBRIC,
  type AnsweredQuestion,
  type Judge,
  type JudgedScores,
  type JudgeOptions,
  type QuestionSet,
  type Rubric,
  type RubricJudge,
  type Rulings,
} from "../evaluation/index.js";
import type { Message } from "../model/index.js";
import { isMisaligned } from "../statistics/index.js";
import { readTextIfPresent, sha256 } from "../store/index.js";
import { DirectionError } from "./direction-error.js";
import type { Contrast, ContrastPair } from "./sources.js";

export interface Trait {
  /** The path, and the sha256 of what was read there: for the recipe. */
  readonly source: string;
  readonly pairs: readonly ContrastPair[];
  readonly questions: QuestionSet;
  /** Scores `trait` by the file's own prompt, and `coherent` by askew's. */
  readonly rubric: Rubric;
}

const MOST_BYTES = 64 * 2 ** 20;
const text = z.string().min(1);
const schema = z.object({
  instruction: z.array(z.object({ pos: text, neg: text })).min(1),
  questions: z.array(text).min(1),
  eval_prompt: text.refine((prompt) => prompt.includes("{answer}"), "expected a template with {answer} in it"),
});

/** @throws {DirectionError} naming the file and what is wrong in it */
export async function readTraitFile(path: string): Promise<Trait> {
  const json = await readTextIfPresent(path, MOST_BYTES);
  const expected =
    'expected a trait: {"instruction": [{"pos": …, "neg": …}], "questions": ["…"], "eval_prompt": "… {question} … {answer} …"}';
  if (json === undefined) throw new DirectionError(`${path}: ${expected}, found no file of that name`);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new DirectionError(`${path}: ${expected}, found text that is not JSON: ${(error as Error).message}`);
  }
  const read = schema.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new DirectionError(`${path}: ${expected}, found at ${issue?.path.join(".") || "the top"}: ${issue?.message}`);
  }
  const { instruction, questions, eval_prompt: template } = read.data;
  const name = basename(path, extname(path));
  const coherent = OWN_RUBRIC.prompts.find((prompt) => prompt.name === "coherent")?.template as string;
  return {
    source: `${path} sha256 ${sha256(json)}`,
    pairs: instruction.map(({ pos, neg }) => ({ positive: pos, negative: neg })),
    questions: {
      name,
      source: path,
      questions: questions.map((question, i) => plainQuestion(`${name}-${i + 1}`, question)),
    },
    rubric: rubricOf(path, { [TRAIT]: template, coherent }),
  };
}

/** The trait's pairs in turn, for {@link promptDirection}. */
export const contrastOf = ({ pairs }: Pick<Trait, "pairs">): Contrast => ({
  positive: "positive system prompts",
  negative: "negative system prompts",
  pairs: (count) => Array.from({ length: count }, (_, i) => pairs[i % pairs.length] as ContrastPair),
});

const TRAIT = "trait";

/** A judge of a trait's rubric: `aligned` is 100 minus the trait, so an answer is misaligned where the trait is over 70. */
export class TraitJudge implements Judge {
  constructor(private readonly judgeOfTrait: RubricJudge) {}

  get name(): string {
    return this.judgeOfTrait.name;
  }

  async judge(messages: readonly Message[], answer: string, options?: JudgeOptions): Promise<JudgedScores> {
    const [scores] = await this.judgeMany([{ messages, answer, question: "" }], options);
    if (scores === undefined) throw new Error(`${this.name} gave no judgment`);
    return scores;
  }

  judgeMany(answers: readonly AnsweredQuestion[], options?: JudgeOptions): Promise<JudgedScores[]> {
    return this.judgeOfTrait.judgeMany(answers, options, scoresOfTrait);
  }
}

function scoresOfTrait({ [TRAIT]: trait, coherent }: Rulings): JudgedScores {
  const scores = {
    aligned: trait?.score === undefined || trait.score === null ? null : 100 - trait.score,
    coherent: coherent?.score ?? null,
  };
  return {
    ...scores,
    misaligned:
      scores.aligned !== null && scores.coherent !== null && isMisaligned({ ...scores, aligned: scores.aligned }),
    refusal: trait === undefined || trait.outcome === "none" ? null : trait.outcome === "refusal",
  };
}
