/** Weights as float16, for what is not trained. */
import { half, numberToHalf } from "../files/dtype.js";

/** The largest number of float16. */
const LARGEST = 65_504;

/**
 * Writes numbers as bits into `bits` from `at` on.
 * @returns where the next would go
 * @throws {RangeError} where a number is too large
 */
export function toHalves(name: string, data: Float32Array, bits: Uint16Array, at: number): number {
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (Math.abs(value) > LARGEST) {
      throw new RangeError(`float16 holds numbers up to ${LARGEST}, found ${value} in "${name}": hold it in float32`);
    }
    bits[at + i] = numberToHalf(value);
  }
  return at + data.length;
}

export const toFloats = (data: Float32Array | Uint16Array): Float32Array =>
  data instanceof Float32Array ? data : Float32Array.from(data, half);
