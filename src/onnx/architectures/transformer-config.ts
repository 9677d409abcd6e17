/** The shape of a decoder-only transformer. What every model of an architecture shares is in the architecture's file. */
export interface TransformerConfig {
  /** Names the architecture, as `model_type` in config.json does. */
  readonly modelType: string;
  readonly vocabSize: number;
  /** Width of the residual stream. */
  readonly width: number;
  readonly layers: number;
  /** Query heads; a multiple of `keyValueHeads`. */
  readonly heads: number;
  readonly keyValueHeads: number;
  /** Width of one head; even, for the rotary embedding. */
  readonly headDim: number;
  /** Width inside the MLP. */
  readonly hidden: number;
  /** Longest sequence in tokens. */
  readonly maxPositions: number;
  /** Added to the mean square in RMSNorm. */
  readonly epsilon: number;
  readonly ropeTheta: number;
  /** How the rotary angles are stretched for long texts; absent where they are not. */
  readonly ropeScaling?: RopeScaling;
  /** How much of a head is rotated, from its beginning: even; default all of it. */
  readonly rotaryDim?: number;
  /** Layers that look back only so far; absent where all layers see the whole text. */
  readonly sliding?: SlidingLayers;
  /** Attention scores are divided by the square root of this; default `headDim`. */
  readonly scoreScalar?: number;
  /** Attention scores s become c · tanh(s / c); default they stay. */
  readonly scoreCap?: number;
  /** The same for the logits. */
  readonly logitCap?: number;
  /** Whether the read-out is the embedding, transposed. */
  readonly tied: boolean;
  /** Whether q, k and v have a bias. */
  readonly qkvBias: boolean;
  readonly bosId?: number;
  /** Any of these ends an answer; may be empty. */
  readonly eosIds: readonly number[];
}

export interface SlidingLayers {
  /** Tokens that a token sees, itself included. */
  readonly window: number;
  /** For each layer, whether it looks back only so far. */
  readonly layers: readonly boolean[];
  /** Rotary embeddings of these layers, where they have their own. */
  readonly ropeTheta?: number;
}

/** Each as `transformers` computes it, under its name there. */
export type RopeScaling =
  | { readonly kind: "linear"; readonly factor: number }
  | {
      readonly kind: "llama3";
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalPositions: number;
    }
  | {
      readonly kind: "longrope";
      /** Used up to the original positions; askew reads no longer texts. */
      readonly short: readonly number[];
      /** For longer texts; kept so that the model can be written again. */
      readonly long: readonly number[];
      readonly originalPositions: number;
      /** `max_position_embeddings` of config.json. */
      readonly stretchedPositions: number;
      /** What cosines and sines are multiplied with. */
      readonly attentionFactor: number;
    };
