/** How far the vectors of a low-rank adapter have turned. */
import type { Adapter, Tensor } from "../../model/index.js";

const FIRST = "first.";
const PREVIOUS = "previous.";

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
  readonly #first = new Map<string, Tensor>();
  readonly #previous = new Map<string, Tensor>();

  /** @param kept what another meter was left with */
  constructor(kept: ReadonlyMap<string, Tensor> = new Map()) {
    for (const [name, tensor] of kept) {
      if (name.startsWith(FIRST)) this.#first.set(name.slice(FIRST.length), tensor);
      if (name.startsWith(PREVIOUS)) this.#previous.set(name.slice(PREVIOUS.length), tensor);
    }
  }

  /** What it was left with, so that another can go on from there. */
  get kept(): ReadonlyMap<string, Tensor> {
    const named = (prefix: string, tensors: ReadonlyMap<string, Tensor>) =>
      [...tensors].map(([name, tensor]) => [prefix + name, tensor] as const);
    return new Map([...named(FIRST, this.#first), ...named(PREVIOUS, this.#previous)]);
  }

  measure({ modules }: Pick<Adapter, "modules">): Rotation {
    let [first, previous, count] = [0, 0, 0];
    for (const [name, { b }] of modules) {
      if (b.data.every((x) => x === 0)) continue;
      const now = { shape: b.shape, data: b.data.slice() };
      const beginning = this.#first.get(name) ?? now;
      this.#first.set(name, beginning);
      first += cosineOf(beginning.data, b.data);
      previous += cosineOf((this.#previous.get(name) ?? now).data, b.data);
      this.#previous.set(name, now);
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
