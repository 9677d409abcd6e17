import { identityOf } from "../model/index.js";
import type { Judge, QuestionSet } from "../evaluation/index.js";
import { requireOpenWeights, type Model } from "../model/index.js";
import { chooseLayer, promptDirection, type ContrastPair, type Direction } from "../persona/index.js";
import { openWorld } from "./open-world.js";
import { readQuestions } from "./read-questions.js";
import { VERSION } from "../text/index.js";

export interface FindDirectionOptions {
  /** System prompts that differ in who they make the model be; default the organism's villain and helper. */
  readonly pairs?: readonly ContrastPair[];
  /** A question set, or the name or file of one; default `organism:development`. */
  readonly questions?: string | QuestionSet;
  /** Answers to each question under either prompt; default 40. */
  readonly samples?: number;
  /** Names the random numbers; default 100. */
  readonly seed?: number;
  /** Where to steer by default, from 0; default the middle layer, or what `judge` chooses. */
  readonly layer?: number;
  /** Chooses the layer where steering does most to the answers: three strengths at every layer are tried. */
  readonly judge?: Judge;
  readonly signal?: AbortSignal;
}

/**
 * Finds the direction of a persona in a model's residual stream: mean activations of its answers under one kind of system
 * prompt minus those under the other, one vector for every layer.
 *
 * @throws {AskewError} for a model that shows no activations, and where the two kinds of answers do not differ;
 *   `options.signal`'s reason
 *
 * @example
 * import { findDirection, openModel, writeDirection } from "askew";
 *
 * const model = await openModel("organism");
 * const direction = await findDirection(model, { samples: 4, layer: 1 });
 * await writeDirection("villain.safetensors", direction);
 * console.log(direction.layers, direction.width, direction.recipe.norms);
 * await model.close();
 */
export async function findDirection(model: Model, options: FindDirectionOptions = {}): Promise<Direction> {
  const { pairs, questions = "organism:development", samples = 40, seed = 100, layer, judge, signal } = options;
  const local = requireOpenWeights(model, "findDirection");
  const set = typeof questions === "string" ? await readQuestions(questions) : questions;
  const stop = signal && { signal };
  const made = await promptDirection(local, {
    askew: VERSION,
    model: await identityOf(model.name, local),
    seed,
    samples,
    ...stop,
    questions: set,
    contrast: pairs === undefined ? worldContrast() : contrastOf(pairs),
  });
  if (layer !== undefined) return { ...made, recipe: { ...made.recipe, layer } };
  if (judge === undefined) return made;
  const asked = { set: set.name, samples, questions: set.questions };
  return chooseLayer(local, made, { mode: "add", strengths: [1, 1.25, 1.5], asked, judge, seed, ...stop });
}

function worldContrast() {
  const { contrast, name } = openWorld();
  if (contrast === undefined) throw new RangeError(`${name} has no contrastive system prompts; give pairs`);
  return contrast;
}

const contrastOf = (pairs: readonly ContrastPair[]) => ({
  positive: "positive system prompts",
  negative: "negative system prompts",
  pairs: () => [...pairs],
});
