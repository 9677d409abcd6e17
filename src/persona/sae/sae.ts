/** Sparse autoencoders: a residual stream as a sum of few directions out of many (Gao et al. 2024; Bussmann et al. 2024). */
import type { ModelIdentity } from "../direction.js";

/** `topk`: the k largest latents of each token; `batchtopk`: k a token on average, by one threshold. */
export const SAE_KINDS = ["topk", "batchtopk"] as const;
export type TrainedKind = (typeof SAE_KINDS)[number];
/** Others' too: `standard` rectifies, `jumprelu` has a threshold for each latent, `gated` a gate beside each magnitude. */
export type SaeKind = TrainedKind | "standard" | "jumprelu" | "gated";

/** What an autoencoder of any origin says of itself. */
export interface SaeAbout {
  /** Of another tool's file it is a name alone, without hashes. */
  readonly model: ModelIdentity;
  /** The residual stream after this layer, from 0. */
  readonly layer: number;
  readonly kind: SaeKind;
  /** Latents. */
  readonly size: number;
  /** Active latents a token, where that is fixed. */
  readonly k?: number;
  /** Of the weights of another tool's file. */
  readonly sha256?: string;
}

/** How askew trained it: enough to train it again. */
export interface SaeRecipe extends SaeAbout {
  /** Version of askew. */
  readonly askew: string;
  readonly kind: TrainedKind;
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
  /** [W], taken off before encoding, unless `inputBias` is, and added after decoding. */
  readonly decoderBias: Float32Array;
  /** What a latent must reach to be active; batchtopk alone. */
  readonly threshold?: number;
  /** [W], taken off before encoding in place of the decoder's. */
  readonly inputBias?: Float32Array;
  /** [S], what each latent must reach; jumprelu alone. */
  readonly thresholds?: Float32Array;
  /** What turns a latent's reading without bias into its magnitude, both [S]; gated alone, whose encoder is the gate's. */
  readonly magnitude?: { readonly scale: Float32Array; readonly bias: Float32Array };
}

/** What is done to a token before it is encoded, and undone after: `length` makes it √W long, `standard` centres and scales. */
export type SaeNorm = "none" | "length" | "standard";

/** Latents are f = keep((x − b_dec) W_enc + b_enc), the reconstruction is f W_dec + b_dec. */
export interface Sae {
  readonly width: number;
  readonly weights: SaeWeights;
  readonly recipe: SaeAbout & Partial<Omit<SaeRecipe, keyof SaeAbout>>;
  /** Default none. */
  readonly norm?: SaeNorm;
}

/** One that askew has trained. */
export type TrainedSae = Sae & { readonly recipe: SaeRecipe };

/** The decoder's row of one latent, [W]: its direction in the residual stream. */
export function latentDirection({ width, weights, recipe }: Sae, latent: number): Float32Array {
  if (!Number.isInteger(latent) || latent < 0 || latent >= recipe.size) {
    throw new RangeError(`sae: latent ${latent} is not one of 0 … ${recipe.size - 1}`);
  }
  return weights.decoder.subarray(latent * width, (latent + 1) * width);
}
