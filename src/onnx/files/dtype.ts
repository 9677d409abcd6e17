/** Number formats of safetensors files, and how each becomes float32. */
import { endianness } from "node:os";

/** Bytes of one element. */
const sizes = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 } as const;

export type Dtype = keyof typeof sizes;

export function isDtype(name: string): name is Dtype {
  return Object.hasOwn(sizes, name);
}

export function byteSize(dtype: Dtype): number {
  return sizes[dtype];
}

/**
 * Converts little-endian bytes to float32, into `target` from `at` on.
 * F16, BF16, I16, I8, U8 and BOOL are exact; F64, I64 and I32 are rounded to the nearest float32.
 * @param bytes a whole number of elements.
 */
export function toFloat32(dtype: Dtype, bytes: Uint8Array, target: Float32Array, at: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = sizes[dtype];
  const count = bytes.byteLength / size;
  if (endianness() === "LE" && bytes.byteOffset % 2 === 0 && (dtype === "BF16" || dtype === "F16")) {
    const words16 = new Uint16Array(bytes.buffer, bytes.byteOffset, count);
    if (dtype === "BF16") widen(words16, new Uint32Array(target.buffer, target.byteOffset + 4 * at, count));
    else for (let i = 0; i < count; i++) target[at + i] = half(words16[i] as number);
    return;
  }
  const read = readers[dtype];
  for (let i = 0; i < count; i++) target[at + i] = read(view, i * size);
}

/** bfloat16 is the upper half of a float32. */
function widen(from: Uint16Array, to: Uint32Array): void {
  for (let i = 0; i < from.length; i++) to[i] = (from[i] as number) << 16;
}

const halves = new Float32Array(2 ** 16);
let hasHalves = false;

/** IEEE 754 binary16, from a table. */
export function half(bits: number): number {
  if (!hasHalves) halves.forEach((_, at) => (halves[at] = halfToNumber(at)));
  hasHalves = true;
  return halves[bits] as number;
}

const words = new Uint32Array(1);
const floats = new Float32Array(words.buffer);

const readers: Record<Dtype, (view: DataView, at: number) => number> = {
  F64: (view, at) => view.getFloat64(at, true),
  F32: (view, at) => view.getFloat32(at, true),
  F16: (view, at) => half(view.getUint16(at, true)),
  BF16: (view, at) => {
    words[0] = view.getUint16(at, true) << 16;
    return floats[0] as number;
  },
  I64: (view, at) => Number(view.getBigInt64(at, true)),
  I32: (view, at) => view.getInt32(at, true),
  I16: (view, at) => view.getInt16(at, true),
  I8: (view, at) => view.getInt8(at),
  U8: (view, at) => view.getUint8(at),
  BOOL: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
};

/** binary16, computed. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The bits of the nearest binary16, the even one of two; numbers beyond its range become infinite. */
export function numberToHalf(value: number): number {
  floats[0] = value;
  const word = words[0] as number;
  const sign = (word >>> 16) & 0x8000;
  const size = word & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  // From 65,520 on, half a step beyond the largest.
  if (size >= 0x477ff000) return sign | 0x7c00;
  if (size < 0x38800000) return sign | halfEven(Math.abs(value) * 2 ** 24);
  return sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
}

/** A number below 2^52, rounded to a whole one. */
function halfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
