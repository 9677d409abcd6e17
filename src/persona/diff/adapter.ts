/**
 * A low-rank adapter beside directions. What an adapter adds to the residual stream lies in the span of B, for the modules
 * that write to it (the outputs of attention and MLP); a rank-1 adapter has one such vector a module.
 */
import { adapterScale } from "../../onnx/index.js";
import type { Adapter } from "../../capabilities/index.js";
import { vectorAt, type Direction } from "../direction.js";
import type { Candidate } from "./candidates.js";

export interface AdapterModuleRow {
  /** `model.layers.1.mlp.down_proj` */
  readonly module: string;
  readonly layer: number;
  /** Frobenius norm of scale · B A. */
  readonly size: number;
  /**
   * Cosine of the angle between the span of B and a vector: of a rank-1 adapter |cos(B, v)|, of a higher rank the share
   * of v's length inside the span. Null for a vector of a layer before the module's, and for one of no length.
   */
  readonly inside: Readonly<Record<string, number | null>>;
}

export interface AdapterDiff {
  readonly rank: number;
  /** What `inside` is for a random direction, √(rank / width). */
  readonly chance: number;
  readonly modules: readonly AdapterModuleRow[];
}

/**
 * @param steered vectors of one layer, such as the latents that won; modules after it cannot write to it
 * @param direction has a vector for each layer: a module is compared with that of its own
 */
export function adapterDiff(
  adapter: Adapter,
  width: number,
  steered: { readonly layer: number; readonly candidates: readonly Pick<Candidate, "id" | "unit">[] },
  direction?: Direction,
): AdapterDiff {
  const modules = [...adapter.modules]
    .filter(([name]) => /\.(?:o|down)_proj$/.test(name))
    .map(([module, { a, b }]): AdapterModuleRow => {
      const layer = Number(/layers\.(\d+)\./.exec(module)?.[1]);
      const columns = orthonormal(b.data, adapter.rank);
      const inside = (vector: Float32Array): number | null => {
        const length = Math.hypot(...vector);
        return length === 0 ? null : Math.hypot(...columns.map((column) => dot(column, vector))) / length;
      };
      return {
        module,
        layer,
        size: adapterScale(adapter) * productNorm(a.data, b.data, adapter.rank),
        inside: {
          ...(direction && { direction: inside(vectorAt(direction, layer)) }),
          ...Object.fromEntries(
            steered.candidates.map(({ id, unit }) => [id, layer > steered.layer ? null : inside(unit)]),
          ),
        },
      };
    });
  return { rank: adapter.rank, chance: Math.sqrt(Math.min(1, adapter.rank / width)), modules };
}

const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] as number) * (y[i] as number);
  return sum;
};

/** An orthonormal basis of the columns of B [outputs, rank] (Gram and Schmidt, twice over against rounding). */
function orthonormal(b: Float32Array, rank: number): Float64Array[] {
  const basis: Float64Array[] = [];
  for (let r = 0; r < rank; r++) {
    const column = Float64Array.from({ length: b.length / rank }, (_, i) => b[i * rank + r] as number);
    const whole = Math.hypot(...column);
    for (let round = 0; round < 2; round++) {
      for (const known of basis) {
        const along = dot(known, column);
        column.forEach((x, i) => (column[i] = x - along * (known[i] as number)));
      }
    }
    const left = Math.hypot(...column);
    if (left > 1e-6 * whole) basis.push(column.map((x) => x / left));
  }
  return basis;
}

/** ‖B A‖ = √tr(BᵀB · AAᵀ), for A [rank, inputs] and B [outputs, rank]. */
function productNorm(a: Float32Array, b: Float32Array, rank: number): number {
  const row = (r: number): Float32Array => a.subarray((r * a.length) / rank, ((r + 1) * a.length) / rank);
  const column = (r: number): Float32Array => b.filter((_, i) => i % rank === r);
  let square = 0;
  for (let r = 0; r < rank; r++) {
    for (let s = 0; s < rank; s++) square += dot(row(r), row(s)) * dot(column(r), column(s));
  }
  return Math.sqrt(Math.max(0, square));
}
