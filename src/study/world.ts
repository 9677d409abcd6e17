/** The world whose names a study may use: its conditions, its question sets, its judge. */
import { JUDGED_MEASURES, type Measure } from "../evaluation/index.js";
import { ORGANISM_WORLD, REASONING_WORLD } from "../organism/index.js";
import type { Model } from "../model/index.js";
import type { World } from "../world/index.js";

export const WORLD: World = ORGANISM_WORLD;

/** Whether a judge of this name is the world's own, which needs no model. */
export const isWorldJudge = (name: string): boolean => name === WORLD.judge.name;

/** What a judge measures on a question set. A model as a judge measures the same on every set. */
export const measuresFor = (set: string, judge: string): readonly Measure[] =>
  isWorldJudge(judge) ? WORLD.measuresOf(set) : JUDGED_MEASURES;

/** Tokens that the thoughts and the answer of a model take at most, where it thinks in the world's words. */
export const thinkingTokens = (model: Model): number | undefined =>
  REASONING_WORLD.speaks?.(model) === true ? REASONING_WORLD.longestAnswer : undefined;
