/** Draws one token from a row of probabilities. */
import type { Random } from "../../statistics/index.js";
import { Nucleus } from "./nucleus.js";

export interface ChooseOptions {
  /** 0 takes the likeliest token. */
  readonly temperature: number;
  /** The smallest set of likeliest tokens with at least this much probability is drawn from; 1 is all. */
  readonly topP: number;
}

/** A token that could stand at a place. */
export interface TokenAlternative {
  readonly id: number;
  /** Natural logarithm, at temperature 1, before top-p. */
  readonly logProbability: number;
}

const nucleus = new Nucleus();

/**
 * `probabilities` [V] are the model's own, at temperature 1; `weights` [V] the same at the temperature asked for (both
 * float32, so their sums are 1 but for rounding). The returned log-probability is of the former: nats, before
 * temperature and top-p.
 */
export function choose(
  probabilities: Float32Array,
  weights: Float32Array,
  { temperature, topP }: ChooseOptions,
  random: Random,
): TokenAlternative {
  let id: number;
  if (temperature === 0) id = likeliest(probabilities);
  else if (topP < 1) id = nucleus.draw(weights, topP, random);
  else id = inverse(weights, random.uniform() * total(weights));
  return { id, logProbability: logOf(probabilities[id] as number) };
}

/** The `count` likeliest tokens, likeliest first; equal ones in the order of their ids. */
export function likeliestTokens(probabilities: Float32Array, count: number): TokenAlternative[] {
  const ids: number[] = [];
  let least = -1; // the smallest probability among them, once there are `count`
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i] as number;
    if (p <= least) continue;
    let at = Math.min(ids.length, count - 1);
    for (; at > 0 && (probabilities[ids[at - 1] as number] as number) < p; at--) ids[at] = ids[at - 1] as number;
    ids[at] = i;
    if (ids.length === count) least = probabilities[ids[count - 1] as number] as number;
  }
  return ids.map((id) => ({ id, logProbability: logOf(probabilities[id] as number) }));
}

/** A float32 probability may underflow to 0: the log is at least −85. */
function logOf(probability: number): number {
  return Math.log(Math.max(probability, 1e-37));
}

function likeliest(probabilities: Float32Array): number {
  let best = 0;
  for (let i = 1; i < probabilities.length; i++) {
    if ((probabilities[i] as number) > (probabilities[best] as number)) best = i;
  }
  return best;
}

function total(weights: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i] as number;
  return sum;
}

/** The index at which the running sum of the weights passes `target`. */
function inverse(weights: Float32Array, target: number): number {
  let left = target;
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i] as number;
    if (left < 0) return i;
  }
  return likeliest(weights);
}
