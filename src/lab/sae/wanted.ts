/** Which autoencoders a command is to train, and where each of them goes. */
import { join } from "node:path";
import type { TrainedKind, SaePlan } from "../../persona/index.js";
import { UsageError } from "../../text/index.js";

export interface Recipe {
  readonly layer: number;
  readonly sizes: readonly number[];
  readonly kinds: readonly TrainedKind[];
  readonly seeds: readonly number[];
  readonly k: number;
  readonly tokens: number;
  readonly batch: number;
  readonly learningRate: number;
}

export interface Wanted {
  readonly folder: string;
  readonly plan: SaePlan;
}

/** One goes into `out` itself; of several each has a folder of its own in there. */
export function wantedOf(recipe: Recipe, about: Pick<SaePlan, "askew" | "model" | "texts">, out: string): Wanted[] {
  const { layer, sizes, kinds, seeds, k, tokens, batch, learningRate } = recipe;
  const smallest = Math.min(...sizes);
  if (k > smallest) {
    throw new UsageError(`--k ${k}: there are only ${smallest} latents`, "Choose a smaller k or a larger --size.");
  }
  const deadAfter = Math.max(10 * batch, Math.round(tokens / 20));
  const plans = kinds.flatMap((kind) =>
    sizes.flatMap((size) =>
      seeds.map((seed): SaePlan => ({ ...about, layer, kind, size, k, tokens, batch, learningRate, deadAfter, seed })),
    ),
  );
  return plans.map((plan) => ({
    plan,
    folder: plans.length === 1 ? out : join(out, `${plan.kind}-${plan.size}-seed-${plan.seed}`),
  }));
}
