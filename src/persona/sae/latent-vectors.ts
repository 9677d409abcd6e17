/** A latent as something to steer with. */
import { normOf } from "../direction.js";
import type { SteeringVectors } from "../steer.js";
import { latentDirection, type Sae } from "./sae.js";

/**
 * The latent's decoder row after the autoencoder's layer: strength 1 is one unit of its activation. To clamp or cap puts the
 * component where the autoencoder's centre has it.
 * @param layers of the model
 * @throws {RangeError} where there is no such latent
 */
export function latentVectors(sae: Sae, latent: number, layers: number): SteeringVectors {
  const { width, recipe, weights } = sae;
  const { layer } = recipe;
  const vector = latentDirection(sae, latent);
  const vectors = new Float32Array(layers * width);
  vectors.set(vector, layer * width);
  const centre = vector.reduce((sum, x, i) => sum + x * (weights.decoderBias[i] as number), 0) / normOf(vector);
  const negative = Array.from({ length: layers }, (_, at) => (at === layer ? centre : 0));
  return { layers, width, vectors, recipe: { layer, along: { negative } } };
}
