/** The shape of a decoder-only transformer. */
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
  /** Whether the read-out is the embedding, transposed. */
  readonly tied: boolean;
  /** Whether q, k and v have a bias. */
  readonly qkvBias: boolean;
  readonly bosId?: number;
  /** Any of these ends an answer; may be empty. */
  readonly eosIds: readonly number[];
}
