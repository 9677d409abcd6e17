/** A direction from contrastive system prompts, in one call. */
import type { QuestionSet } from "../evaluation/index.js";
import type { ReadableModel } from "../model/index.js";
import { contrastDirections, type ContrastRecipe } from "./contrast.js";
import type { Direction } from "./direction.js";
import { answersUnderPrompts, questionsOfSet, type Contrast } from "./sources.js";

export interface PromptDirectionOptions extends Pick<ContrastRecipe, "askew" | "model" | "seed"> {
  readonly questions: Pick<QuestionSet, "name" | "questions">;
  readonly contrast: Contrast;
  /** Answers to each question, under either prompt of a pair. */
  readonly samples: number;
  /** Longest answer in tokens; default 64. */
  readonly maxTokens?: number;
  readonly signal?: AbortSignal;
}

/**
 * From answers to the questions under both kinds of system prompt, averaged over the answer's tokens; at the middle layer
 * until one is chosen. The model must have the weights that `options.model` names.
 * @throws {DirectionError} where the two do not differ; `options.signal`'s reason when it is aborted
 */
export async function promptDirection(
  model: ReadableModel,
  { questions, contrast, samples, maxTokens, signal, ...recipe }: PromptDirectionOptions,
): Promise<Direction> {
  const stop = signal && { signal };
  const asked = questionsOfSet(questions, samples);
  const pairs = contrast.pairs(asked.length, recipe.seed);
  const texts = await answersUnderPrompts(model, asked, pairs, {
    seed: recipe.seed,
    ...(maxTokens !== undefined && { maxTokens }),
    ...stop,
  });
  const { positive, negative } = contrast;
  const about = { method: "prompts", positive, negative, questions: [questions.name] } as const;
  const variants = ["answer-average"] as const;
  return (await contrastDirections(model, texts, { ...recipe, ...about }, { variants, ...stop }))["answer-average"];
}
