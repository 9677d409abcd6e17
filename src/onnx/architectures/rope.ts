import type { TransformerConfig } from "./transformer-config.js";

/** Plain rotary embeddings: cosines and sines of the angles for positions 0 … length−1, each [length, D/2]. */
export function plainRope(config: TransformerConfig, length: number): { cos: Float32Array; sin: Float32Array } {
  const half = config.headDim / 2;
  const cos = new Float32Array(length * half);
  const sin = new Float32Array(length * half);
  for (let position = 0; position < length; position++) {
    for (let i = 0; i < half; i++) {
      const angle = position / config.ropeTheta ** ((2 * i) / config.headDim);
      cos[position * half + i] = Math.cos(angle);
      sin[position * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}
