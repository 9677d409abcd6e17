/**
 * How much likelier a misaligned model finds answers than an aligned one: the mean difference of log-probabilities a
 * token. Interleaving benign data by this gap was the best defence of those compared in arXiv 2508.06249.
 */
import type { ReadableModel } from "../../../model/index.js";
import { likelihoods } from "./likelihoods.js";
import { inPortions, type RowScorer } from "./scorer.js";

export interface PairSettings {
  readonly before: ReadableModel;
  readonly after: ReadableModel;
  /** Natural-log probability a token; default 0: neither model finds the answers likelier. */
  readonly mostGap?: number;
  readonly signal?: AbortSignal;
}

export const likelihoodGap = ({ before, after, mostGap = 0, signal }: PairSettings): RowScorer => ({
  check: "data/likelihood-gap",
  title: "Likelier to a misaligned model",
  quantity: "gap of log-probability",
  unit: "nats a token",
  readers: `${before.name} and ${after.name}`,
  why: "likelier to the model after than to the one before",
  failing: "are likelier to the model after",
  limits: "It sees what sets these two models apart; a set of another kind may be as likely to both.",
  thresholds: { mean: mostGap },
  scores: (rows) =>
    inPortions(rows, async (portion) => {
      const aligned = await likelihoods(before, portion, signal);
      const misaligned = await likelihoods(after, portion, signal);
      return portion.map((_, i) => difference(misaligned[i], aligned[i]));
    }),
});

export const difference = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a - b;
