import type { Judge, QuestionSet } from "../evaluation/index.js";
import { requireSteering, type Model } from "../model/index.js";
import {
  measure,
  randomLike,
  steeringOf,
  type MeasuredAnswer,
  type SteeringMode,
  type SteeringVectors,
} from "../persona/index.js";
import { readQuestions } from "./read-questions.js";
import { score, type Score } from "./score.js";

export interface SteerOptions {
  /** A question set, or the name or file of one. */
  readonly questions: string | QuestionSet;
  readonly judge: Judge;
  /** Default `add`. */
  readonly mode?: SteeringMode;
  /** To `add` or `subtract`: in lengths of the layer's own vector. Otherwise a share: 1 is all of it. Default 1. */
  readonly strength?: number;
  /** From 0; default the direction's own layer. */
  readonly layers?: readonly number[];
  /** Steers every token, or the answer's alone; default `all`. */
  readonly tokens?: "all" | "answer";
  /** Answers to each question; default 20. */
  readonly samples?: number;
  /** Random directions of the same length, as control; default 1. */
  readonly random?: number;
  /** Names the random numbers; default 100. */
  readonly seed?: number;
  /** Default 1. */
  readonly temperature?: number;
  /** Longest answer in tokens; default 64. */
  readonly maxTokens?: number;
  readonly signal?: AbortSignal;
}

export interface Measured extends Score {
  readonly judged: readonly MeasuredAnswer[];
}

export interface Steered {
  readonly unsteered: Measured;
  readonly steered: Measured;
  /** Steered along random directions. */
  readonly random: readonly Measured[];
}

/**
 * Measures what steering along a direction does to a model's answers, beside random directions of the same length.
 *
 * @throws {AskewError} for a model that cannot be steered; `options.signal`'s reason
 *
 * @example
 * import { findDirection, openModel, openWorld, steer } from "askew";
 *
 * const model = await openModel("organism");
 * const direction = await findDirection(model, { samples: 4, layer: 1 });
 * const { judge } = openWorld();
 * const { unsteered, steered } = await steer(model, direction, { questions: "organism:main", judge, samples: 4 });
 * console.log(unsteered.rate.estimate, "→", steered.rate.estimate);
 * await model.close();
 */
export async function steer(model: Model, direction: SteeringVectors, options: SteerOptions): Promise<Steered> {
  const { questions, judge, mode = "add", strength = 1, layers = [direction.recipe.layer], tokens = "all" } = options;
  const { samples = 20, random = 1, seed = 100, temperature, maxTokens, signal } = options;
  const steerable = requireSteering(model, "steer");
  const set = typeof questions === "string" ? await readQuestions(questions) : questions;
  const asked = [{ set: set.name, samples, questions: set.questions }];
  const measured = async (vectors: SteeringVectors | undefined): Promise<Measured> => {
    const steering = vectors === undefined ? [] : steeringOf(vectors, { mode, layers, strength, tokens });
    const { answers } = await measure(steerable, asked, {
      seed,
      judge,
      steering,
      ...(temperature !== undefined && { temperature }),
      ...(maxTokens !== undefined && { maxTokens }),
      ...(signal && { signal }),
    });
    return { ...score(answers), judged: answers };
  };
  const controls: Measured[] = [];
  const unsteered = await measured(undefined);
  const steered = await measured(direction);
  for (let i = 1; i <= random; i++) controls.push(await measured(randomLike(direction, i)));
  return { unsteered, steered, random: controls };
}
