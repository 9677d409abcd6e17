// The weights of references.py, bit for bit.
import { type Tensor, type TransformerConfig } from "askew/onnx";
import { parameterShapes } from "#internal/onnx";

/** Numbers in [−½, ½): MurmurHash3's last step over the index, begun at the name's FNV-1a hash. */
export function hashed(name: string, count: number): Float64Array {
  let salt = 2166136261;
  for (const byte of new TextEncoder().encode(name)) salt = Math.imul(salt ^ byte, 16777619);
  return Float64Array.from({ length: count }, (_, i) => {
    let h = (Math.imul(i, 2654435761) + salt) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32 - 0.5;
  });
}

export function weightsOf(config: TransformerConfig): Map<string, Tensor> {
  const centre = (name: string): number => (name.endsWith("bias") || config.modelType.startsWith("gemma") ? 0 : 1);
  return new Map(
    [...parameterShapes(config)].map(([name, shape]) => {
      const numbers = hashed(
        name,
        shape.reduce((product, n) => product * n, 1),
      );
      const scale = name.includes("embed_tokens") ? 2 : 6 / Math.sqrt(shape.at(-1) as number);
      const data = numbers.map((x) => (shape.length === 1 ? centre(name) + 0.6 * x : x * scale));
      return [name, { shape, data: Float32Array.from(data) }];
    }),
  );
}
