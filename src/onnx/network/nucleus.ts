/**
 * Nucleus sampling (Holtzman et al. 2020) in a few passes over the vocabulary and without sorting it.
 *
 * Weights are counted as whole numbers, so that sums are exact in any order and this gives the same draws as sorting
 * all of them would. Positive float32 numbers stand in the order of their bits: the upper bits are a histogram's
 * buckets, and only the bucket in which the wanted mass is reached is sorted.
 */
import type { Random } from "../../statistics/index.js";

/** Weights are at most 1 and counted in steps of 2⁻⁴⁴: a sum of them all is far below 2⁵³. */
const STEPS = 2 ** 44;
/** Drops the sign (0), and keeps 8 bits of exponent and 4 of mantissa. */
const SHIFT = 19;

export class Nucleus {
  readonly #mass = new Float64Array(2 ** (32 - SHIFT - 1));

  /** Draws an index of `weights` [V], float32 in [0, 1], from the smallest set of the largest that has `share` of their sum. Equal weights count in the order of their ids. */
  draw(weights: Float32Array, share: number, random: Random): number {
    const bits = new Uint32Array(weights.buffer, weights.byteOffset, weights.length);
    const { last, mass } = this.#cut(weights, bits, share);
    const lastBits = bits[last] as number;
    let left = random.uniform() * mass;
    let id = last;
    for (let i = 0; i < weights.length; i++) {
      const own = bits[i] as number;
      if (own < lastBits || (own === lastBits && i > last)) continue;
      id = i;
      left -= Math.round((weights[i] as number) * STEPS);
      if (left < 0) break;
    }
    return id;
  }

  /** The least likely member of the nucleus, and the mass of it all. */
  #cut(weights: Float32Array, bits: Uint32Array, share: number): { last: number; mass: number } {
    const buckets = this.#mass;
    let highest = 0;
    let lowest = buckets.length - 1;
    let total = 0;
    for (let i = 0; i < weights.length; i++) {
      const steps = Math.round((weights[i] as number) * STEPS);
      if (steps === 0) continue;
      const bucket = (bits[i] as number) >>> SHIFT;
      buckets[bucket] = (buckets[bucket] as number) + steps;
      total += steps;
      if (bucket > highest) highest = bucket;
      if (bucket < lowest) lowest = bucket;
    }
    const wanted = share * total;
    let mass = 0;
    let edge = highest;
    while (edge > lowest && mass + (buckets[edge] as number) < wanted) mass += buckets[edge--] as number;
    if (highest >= lowest) buckets.fill(0, lowest, highest + 1);
    const members: number[] = [];
    for (let i = 0; i < weights.length; i++) if ((bits[i] as number) >>> SHIFT === edge) members.push(i);
    members.sort((a, b) => (bits[b] as number) - (bits[a] as number) || a - b);
    let last = members[0] ?? 0;
    for (const id of members) {
      last = id;
      mass += Math.round((weights[id] as number) * STEPS);
      if (mass >= wanted) break;
    }
    return { last, mass };
  }
}
