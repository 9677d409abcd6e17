/** What is steered with: the latents that rose most, the shift of the means itself, a direction that was given. */
import { latentDirection, type Sae } from "../sae/sae.js";
import type { ModelMeans } from "./means.js";

export interface RisingLatent {
  readonly latent: number;
  /** Mean activation over the same part of the texts. */
  readonly before: number;
  readonly after: number;
}

export interface Candidate {
  /** `latent-17`, `shift`, `direction`, `random-1`. */
  readonly id: string;
  readonly kind: "latent" | "shift" | "direction" | "random";
  readonly latent?: number;
  /** Of length 1, [width]. */
  readonly unit: Float32Array;
}

/** The latents whose mean activation rose most, at most `top`; those that did not rise are no candidates. */
export function risingLatents(before: ModelMeans, after: ModelMeans, top: number): RisingLatent[] {
  const { latents: low } = before;
  const { latents: high } = after;
  if (low === undefined || high === undefined) return [];
  return Array.from(low, (x, latent) => ({ latent, before: x, after: high[latent] as number }))
    .filter((one) => one.after > one.before)
    .toSorted((a, b) => b.after - b.before - (a.after - a.before) || a.latent - b.latent)
    .slice(0, top);
}

export const latentCandidate = (sae: Sae, latent: number): Candidate => ({
  id: `latent-${latent}`,
  kind: "latent",
  latent,
  unit: unitOf(latentDirection(sae, latent)),
});

/** Scaled to length 1; a zero vector stays what it is. */
export function unitOf(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((x) => x / length);
}
