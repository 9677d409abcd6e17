/** The direction that the organism's persona is looked for along: villain minus helper. */
import type { LocalModel } from "../model/index.js";
import { contrastDirections, type ContrastRecipe } from "./contrast.js";
import type { Direction } from "./direction.js";
import { questionSet } from "../organism/index.js";
import { answersUnderPrompts, characterPairs, questionsOfSet } from "./sources.js";

export interface VillainOptions extends Pick<ContrastRecipe, "askew" | "model" | "seed"> {
  /** Answers to each development question, under either prompt. */
  readonly samples: number;
  readonly signal?: AbortSignal;
}

/**
 * From answers to the development questions under villain and helper system prompts, averaged over the answer's tokens;
 * at the middle layer until one is chosen. The model must have the weights that `options.model` names.
 * @throws {DirectionError} where the two do not differ; `options.signal`'s reason when it is aborted
 */
export async function villainDirection(
  model: LocalModel,
  { samples, signal, ...recipe }: VillainOptions,
): Promise<Direction> {
  const stop = signal && { signal };
  const asked = questionsOfSet(questionSet("development"), samples);
  const pairs = characterPairs(asked.length, recipe.seed);
  const texts = await answersUnderPrompts(model, asked, pairs, { seed: recipe.seed, ...stop });
  const about = {
    method: "prompts",
    positive: "villain system prompts",
    negative: "helper system prompts",
    questions: ["development"],
  } as const;
  return (await contrastDirections(model, texts, { ...recipe, ...about }, { ...stop }))["answer-average"];
}
