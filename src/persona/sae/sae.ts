/** Sparse autoencoders: a residual stream as a sum of few directions out of many (Gao et al. 2024; Bussmann et al. 2024). */
import type { ModelIdentity } from "../direction.js";

/** `topk`: the k largest latents of each token; `batchtopk`: k a token on average, by one threshold. */
export const SAE_KINDS = ["topk", "batchtopk"] as const;
export type SaeKind = (typeof SAE_KINDS)[number];

/** How it was trained: enough to train it again. */
export interface SaeRecipe {
  /** Version of askew. */
  readonly askew: string;
  readonly model: ModelIdentity;
  /** The residual stream after this layer, from 0. */
  readonly layer: number;
  readonly kind: SaeKind;
  /** Latents. */
  readonly size: number;
  /** Active latents a token. */
  readonly k: number;
  /** Tokens that were asked for, each read once: it was trained on the largest multiple of `batch` within them, one batch at least. */
  readonly tokens: number;
  /** Tokens a step. */
  readonly batch: number;
  readonly learningRate: number;
  /** A latent that was not active for so many tokens is dead: the auxiliary loss is for those. */
  readonly deadAfter: number;
  /** Names the random streams of the documents, their order and the first weights. */
  readonly seed: number;
  /** What the texts were. */
  readonly texts: string;
  /**
   * Activations were multiplied by this for training, so that their variance is 1 a coordinate on average. The stored
   * weights have taken it in: they read and give the residual stream in its own units.
   */
  readonly scale: number;
}

/** Key: W width of the residual stream, S latents. All row-major. */
export interface SaeWeights {
  /** [W, S] */
  readonly encoder: Float32Array;
  /** [S] */
  readonly encoderBias: Float32Array;
  /** [S, W], rows of length 1. */
  readonly decoder: Float32Array;
  /** [W], taken off before encoding and added after decoding. */
  readonly decoderBias: Float32Array;
  /** What a latent must reach to be active; batchtopk alone. */
  readonly threshold?: number;
}

/** Latents are f = keep((x − b_dec) W_enc + b_enc), the reconstruction is f W_dec + b_dec. */
export interface Sae {
  readonly width: number;
  readonly weights: SaeWeights;
  readonly recipe: SaeRecipe;
}

/** The decoder's row of one latent, [W]: its direction in the residual stream. */
export function latentDirection({ width, weights, recipe }: Sae, latent: number): Float32Array {
  if (!Number.isInteger(latent) || latent < 0 || latent >= recipe.size) {
    throw new RangeError(`sae: latent ${latent} is not one of 0 … ${recipe.size - 1}`);
  }
  return weights.decoder.subarray(latent * width, (latent + 1) * width);
}
