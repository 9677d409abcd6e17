/** Numbers with a shape, as engines, files and everything above exchange them. */
export interface Tensor {
  readonly shape: readonly number[];
  /** Row-major; its length is the product of the shape. */
  readonly data: Float32Array;
}

/** Hugging Face tensor name → tensor. */
export type Weights = ReadonlyMap<string, Tensor>;
