/** From a direction to interventions in a model's residual stream. */
import type { Intervention } from "../model/index.js";
import { Random } from "../statistics/index.js";
import { DirectionError } from "./direction-error.js";
import { normOf, vectorAt, type Direction } from "./direction.js";

/**
 * - `add`, `subtract`: strength times the vector
 * - `project-out`: strength times the component along it (1 takes all of it away)
 * - `clamp`: the component is moved to where the direction's negative texts have theirs (1 all the way)
 * - `cap`: the same, but only where the component is above that
 */
export const STEERING_MODES = ["add", "subtract", "project-out", "clamp", "cap"] as const;
export type SteeringMode = (typeof STEERING_MODES)[number];

export interface SteeringOptions {
  readonly mode: SteeringMode;
  /** From 0; at each the direction's own vector of that layer. */
  readonly layers: readonly number[];
  /**
   * 0 changes nothing. To `add` or `subtract`: in lengths of the layer's own vector, for a latent in units of its activation.
   * Otherwise the share of the component that is taken away, or of its way to where it is moved: 1 is all of it.
   */
  readonly strength: number;
  /** Which tokens: every one, or the answer's alone; default `all`. */
  readonly tokens?: "all" | "answer";
}

/** What is steered with: a direction, or a latent of an autoencoder, which has a vector after one layer and zeros after the others. */
export interface SteeringVectors extends Omit<Direction, "recipe"> {
  readonly recipe: {
    /** Where to steer by default, from 0. */
    readonly layer: number;
    /** [layers]: where `clamp` and `cap` put the component along the unit vector. */
    readonly along: { readonly negative: readonly number[] };
  };
}

/**
 * Clamping and capping need to know where the negative texts lie, which other tools' files do not say.
 * @throws {DirectionError}
 */
export function requireMode({ recipe }: SteeringVectors, mode: SteeringMode): void {
  if ((mode !== "clamp" && mode !== "cap") || recipe.along.negative.length > 0) return;
  throw new DirectionError(
    `to ${mode} needs to know where the negative texts lie along the direction, which this file of another tool does not say. Choose add, subtract or project-out.`,
  );
}

/** Empty at strength 0, which changes nothing. */
export function steeringOf(
  direction: SteeringVectors,
  { mode, layers, strength, tokens = "all" }: SteeringOptions,
): Intervention[] {
  requireMode(direction, mode);
  if (strength === 0) return [];
  const sign = mode === "subtract" ? -1 : 1;
  return layers.map((layer) => {
    const vector = vectorAt(direction, layer);
    if (mode === "project-out") return { layer, projectOut: vector, share: strength, tokens };
    if (mode === "clamp" || mode === "cap") {
      const to = direction.recipe.along.negative[layer] as number;
      return { layer, projectOut: vector, share: strength, to, capped: mode === "cap", tokens };
    }
    return { layer, add: vector.map((x) => sign * strength * x), tokens };
  });
}

/**
 * The control: vectors of random direction, each as long as the direction's own at its layer, clamped and capped where it is.
 * @param seed names the random stream
 */
export function randomLike(direction: SteeringVectors, seed: number): SteeringVectors {
  const { layers, width, recipe } = direction;
  const vectors = new Float32Array(layers * width);
  for (let layer = 0; layer < layers; layer++) {
    const random = Random.of("random direction", seed, layer);
    const drawn = Float32Array.from({ length: width }, () => random.normal());
    const scale = normOf(vectorAt(direction, layer)) / normOf(drawn);
    vectors.set(
      drawn.map((x) => scale * x),
      layer * width,
    );
  }
  return { layers, width, vectors, recipe };
}
