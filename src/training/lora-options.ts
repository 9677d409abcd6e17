/** An adapter by its rank alone. */
import type { LoraOptions } from "../onnx/index.js";

/** As published for open models (Turner et al. 2025). */
const PUBLISHED = { rank: 32, alpha: 64 } as const;

/**
 * A rank-stabilized adapter on all seven projections of every layer.
 * @param rank from 1
 * @param more.alpha default 64 at rank 32, and in proportion to √rank, so that the update keeps its size
 * @param more.layers from 0; default all
 * @param more.frozen how the weights beside it are held; default float32
 * @param more.seed names the random start of A; default 0
 */
export function rsLora(
  rank: number,
  more: {
    readonly alpha?: number | undefined;
    readonly layers?: readonly number[] | undefined;
    readonly seed?: number;
    readonly frozen?: LoraOptions["frozen"];
  } = {},
): LoraOptions {
  const { alpha = Math.round(PUBLISHED.alpha * Math.sqrt(rank / PUBLISHED.rank)), layers, seed, frozen } = more;
  return {
    rank,
    alpha,
    rankStabilized: true,
    ...(frozen && { frozen }),
    ...(seed !== undefined && { seed }),
    ...(layers && { layers }),
  };
}
