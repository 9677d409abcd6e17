/**
 * float32 to the numbers of a GGUF tensor, bit for bit as the Python package `gguf` packs them: every product is rounded
 * to float32, halves of Q8_0 go away from zero, those of F16 and BF16 to the even neighbour.
 */
import { numberToHalf } from "../dtype.js";

/** What `askew model export --type` may name, with ggml's number for a whole file of it. */
export const PACKINGS = {
  f32: { name: "F32", fileType: 0 },
  f16: { name: "F16", fileType: 1 },
  bf16: { name: "BF16", fileType: 32 },
  q8_0: { name: "Q8_0", fileType: 7 },
} as const;

export type Packing = keyof typeof PACKINGS;
export type PackedKind = (typeof PACKINGS)[Packing]["name"];

const round = Math.fround;
const words = new Uint32Array(1);
const floats = new Float32Array(words.buffer);

/** Packs `count` numbers from `at` on; `bytes` has room for exactly them. */
type Pack = (data: Float32Array, at: number, count: number, bytes: DataView) => void;

const PACK: Readonly<Record<PackedKind, Pack>> = {
  F32: (data, at, count, bytes) => {
    for (let i = 0; i < count; i++) bytes.setFloat32(4 * i, data[at + i] as number, true);
  },
  F16: (data, at, count, bytes) => {
    for (let i = 0; i < count; i++) bytes.setUint16(2 * i, numberToHalf(data[at + i] as number), true);
  },
  BF16: (data, at, count, bytes) => {
    for (let i = 0; i < count; i++) {
      floats[0] = data[at + i] as number;
      const word = words[0] as number;
      bytes.setUint16(2 * i, (word + 0x7fff + ((word >>> 16) & 1)) >>> 16, true);
    }
  },
  Q8_0: (data, at, count, bytes) => {
    for (let i = 0; i < count; i += BLOCK) eightBits(data, at + i, bytes, (i / BLOCK) * (BLOCK + 2));
  },
};

const BLOCK = 32;

function eightBits(data: Float32Array, at: number, bytes: DataView, to: number): void {
  let largest = 0;
  for (let i = 0; i < BLOCK; i++) largest = Math.max(largest, Math.abs(data[at + i] as number));
  const scale = round(largest / 127);
  const inverse = scale === 0 ? 0 : round(1 / scale);
  bytes.setUint16(to, numberToHalf(scale), true);
  for (let i = 0; i < BLOCK; i++) {
    // A block of numbers below 1e-36 has no inverse scale, and its scale is 0 as binary16.
    const scaled = inverse === Infinity ? 0 : round((data[at + i] as number) * inverse);
    bytes.setInt8(to + 2 + i, Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5));
  }
}

/** The least number that becomes infinite: half a step beyond the largest. */
const TOO_LARGE: Readonly<Record<PackedKind, number>> = {
  F32: Infinity,
  F16: 65_520,
  BF16: 2 ** 128 - 2 ** 119,
  Q8_0: 127 * 65_520,
};

/** The first element that would become infinite; undefined where there is none. */
export function firstTooLarge(kind: PackedKind, data: Float32Array): number | undefined {
  const end = TOO_LARGE[kind];
  for (let i = 0; i < data.length; i++) if (!(Math.abs(data[i] as number) < end)) return i;
  return undefined;
}

/**
 * @param at,count whole blocks of this kind
 * @param bytes room for exactly these blocks
 */
export function quantize(kind: PackedKind, data: Float32Array, at: number, count: number, bytes: Uint8Array): void {
  PACK[kind](data, at, count, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
