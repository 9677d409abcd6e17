/** How far the vectors of a low-rank adapter have turned. */
import type { Adapter } from "../../transformer/index.js";

export interface Rotation {
  /** Mean cosine of each module's B, whole, with what it was when first seen; 1 where nothing turned. */
  readonly first: number;
  /** The same with what it was at the measurement before. */
  readonly previous: number;
}

/**
 * The published sign of a persona learned by a rank-1 adapter: B turns within a few steps and then stays (Turner et al.
 * 2025). B begins at zero, where it has no direction; what was seen first is the first B that is not zero.
 */
export class RotationMeter {
  readonly #first = new Map<string, Float32Array>();
  readonly #previous = new Map<string, Float32Array>();

  measure({ modules }: Pick<Adapter, "modules">): Rotation {
    let [first, previous, count] = [0, 0, 0];
    for (const [name, { b }] of modules) {
      if (b.data.every((x) => x === 0)) continue;
      const beginning = this.#first.get(name) ?? b.data;
      this.#first.set(name, beginning.slice());
      first += cosineOf(beginning, b.data);
      previous += cosineOf(this.#previous.get(name) ?? b.data, b.data);
      this.#previous.set(name, b.data.slice());
      count++;
    }
    return count === 0 ? { first: 1, previous: 1 } : { first: first / count, previous: previous / count };
  }
}

function cosineOf(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return dot / Math.sqrt(aa * bb);
}
