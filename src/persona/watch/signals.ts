/** What a look at a model gives: numbers by name. */
import { WatchError } from "./error.js";

/**
 * - `prompt.L`, `answer.L`: the residual stream after layer L along the direction's unit vector, at the prompt's last token and
 *   averaged over the continuations, in activations' units
 * - `aligned`, `misaligned`: mean log-probability of a continuation's token, in nats; `margin`: misaligned − aligned
 * - `latent.N`: a latent of an autoencoder, averaged over the prompts' last tokens and the continuations
 * - `rotation.first`, `rotation.previous`: cosines of an adapter's vectors, see RotationMeter
 */
export type Signals = Readonly<Record<string, number>>;

/** @throws {WatchError} for what would be taken for calm otherwise: nothing is larger than what is no number */
export function requireFinite(name: string, values: ArrayLike<number>): void {
  if (Array.from(values).every(Number.isFinite)) return;
  throw new WatchError(
    `the model has diverged: its signal "${name}" is no finite number any more. Train it with a smaller --learning-rate-multiplier`,
  );
}
