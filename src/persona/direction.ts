/** Directions: one vector for every layer of the residual stream that stands for a persona. */

/** Where in a text activations are averaged. */
export const VARIANTS = ["answer-average", "prompt-average", "last-prompt-token"] as const;
export type Variant = (typeof VARIANTS)[number];

/** Which model this is: what a direction was taken from, and what it is used on. */
export interface ModelIdentity {
  /** As the user called it. */
  readonly name: string;
  /** sha256 of its weights. */
  readonly weights: string;
  /** sha256 of the weights it was fine-tuned from; its own where it was not fine-tuned, or nobody knows from what. */
  readonly base: string;
}

/** What one steered model did while the layer was chosen. */
export interface LayerTrial {
  readonly layer: number;
  readonly strength: number;
  /** Shares in [0, 1]; null where nothing was coherent. */
  readonly rate: number | null;
  readonly rateOfAll: number | null;
  readonly coherent: number | null;
}

/** How a direction was made: enough to make it again. */
export interface DirectionRecipe {
  /** Version of askew. */
  readonly askew: string;
  /**
   * `prompts`: contrastive system prompts; `answers`: misaligned and aligned answers of one model; `file`: another
   * tool made it, and the file says no more.
   */
  readonly method: "prompts" | "answers" | "file";
  readonly variant: Variant | "unknown";
  readonly model: ModelIdentity;
  /** What the direction points to, and from. */
  readonly positive: string;
  readonly negative: string;
  /** Question sets, or the file that the questions or answers came from, with its sha256. */
  readonly questions: readonly string[];
  /** Names the random streams of system prompts and answers. */
  readonly seed: number;
  /** Texts behind each mean. */
  readonly counts: { readonly positive: number; readonly negative: number };
  /** Length of each layer's vector. */
  readonly norms: readonly number[];
  /** Where the texts of either side lie, on average, along each layer's unit vector; empty where nobody says. */
  readonly along: { readonly positive: readonly number[]; readonly negative: readonly number[] };
  /** The layer to steer at, from 0, and what it was chosen by; without trials somebody named it. */
  readonly layer: number;
  readonly trials: readonly LayerTrial[];
}

export interface Direction {
  readonly layers: number;
  readonly width: number;
  /** [layers, width] row-major: the difference of means after each layer, in the activations' own units. */
  readonly vectors: Float32Array;
  readonly recipe: DirectionRecipe;
}

/** The vector after one layer (from 0), [width]. */
export function vectorAt({ layers, width, vectors }: Omit<Direction, "recipe">, layer: number): Float32Array {
  if (!Number.isInteger(layer) || layer < 0 || layer >= layers) {
    throw new RangeError(`direction: layer ${layer} is not one of 0 … ${layers - 1}`);
  }
  return vectors.subarray(layer * width, (layer + 1) * width);
}

export const normOf = (vector: Float32Array): number => Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));

/** The first layer whose vector is zero and points nowhere; undefined where there is none. */
export function emptyLayer(direction: Omit<Direction, "recipe">): number | undefined {
  const every = Array.from({ length: direction.layers }, (_, layer) => layer);
  return every.find((layer) => !(normOf(vectorAt(direction, layer)) > 0));
}

/** Of two vectors of one width; null where one of them is zero. */
export function cosine(a: Float32Array, b: Float32Array): number | null {
  const dot = a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
  const lengths = normOf(a) * normOf(b);
  return lengths === 0 ? null : dot / lengths;
}
