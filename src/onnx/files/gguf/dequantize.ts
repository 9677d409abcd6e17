/**
 * Packed blocks of GGUF tensors to float32, bit for bit as the Python package `gguf` does it: every product and sum is
 * rounded to float32, in the same order.
 * Names follow ggml: d is a block's scale, m or dmin its offset, q a packed number.
 */
import { half as halfOf, toFloat32 } from "../dtype.js";

const round = Math.fround;

/** binary16 at two bytes. */
const half = (bytes: Uint8Array, at: number): number =>
  halfOf((bytes[at] as number) | ((bytes[at + 1] as number) << 8));

const signed = (byte: number): number => (byte << 24) >> 24;

/** Unpacks one block that begins at `from` into `to` from `at` on. */
type Unpack = (bytes: Uint8Array, from: number, to: Float32Array, at: number) => void;

const BLOCK = 32;

/** What the 16 numbers of 4 bits stand for in the block at hand: far fewer than the block has elements. */
const values = new Float32Array(16);

function fillValues(d: number, m: number, offset?: number): void {
  for (let q = 0; q < 16; q++) values[q] = offset === undefined ? round(d * q) + m : d * (q - offset);
}

/** 32 numbers of 4 bits, low halves of the bytes first. */
function fourBits(offset: number | undefined, quants: number): Unpack {
  return (bytes, from, to, at) => {
    fillValues(half(bytes, from), offset === undefined ? half(bytes, from + 2) : 0, offset);
    for (let i = 0; i < BLOCK / 2; i++) {
      const byte = bytes[from + quants + i] as number;
      to[at + i] = values[byte & 15] as number;
      to[at + BLOCK / 2 + i] = values[byte >> 4] as number;
    }
  };
}

/** The same with a fifth bit each, at `high`. */
function fiveBits(offset: number | undefined, high: number, quants: number): Unpack {
  return (bytes, from, to, at) => {
    const d = half(bytes, from);
    const m = offset === undefined ? half(bytes, from + 2) : 0;
    for (let i = 0; i < BLOCK; i++) {
      const byte = bytes[from + quants + (i & 15)] as number;
      const low = i < 16 ? byte & 15 : byte >> 4;
      const q = low | ((((bytes[from + high + (i >> 3)] as number) >> (i & 7)) & 1) << 4);
      to[at + i] = offset === undefined ? round(d * q) + m : d * (q - offset);
    }
  };
}

/** 6-bit scale and offset of sub-block j, of eight. */
function scaleAndMin(bytes: Uint8Array, from: number, j: number): [number, number] {
  const byte = (i: number): number => bytes[from + i] as number;
  if (j < 4) return [byte(j) & 63, byte(j + 4) & 63];
  const low = byte(j + 4);
  return [(low & 15) | ((byte(j - 4) >> 2) & 0x30), (low >> 4) | ((byte(j) >> 2) & 0x30)];
}

/** Q4_K and Q5_K: eight sub-blocks of 32. */
function superBlock(high: number | undefined, quants: number): Unpack {
  return (bytes, from, to, at) => {
    const d = half(bytes, from);
    const dmin = half(bytes, from + 2);
    for (let j = 0; j < 8; j++) {
      const [scale, min] = scaleAndMin(bytes, from + 4, j);
      const dl = round(d * scale);
      const ml = round(dmin * min);
      const shift = 4 * (j & 1);
      const [low, target] = [from + quants + (j >> 1) * 32, at + 32 * j];
      if (high === undefined) {
        fillValues(dl, -ml);
        for (let i = 0; i < 32; i++) to[target + i] = values[((bytes[low + i] as number) >> shift) & 15] as number;
        continue;
      }
      for (let i = 0; i < 32; i++) {
        const fifth = (((bytes[from + high + i] as number) >> j) & 1) << 4;
        to[target + i] = round(dl * ((((bytes[low + i] as number) >> shift) & 15) | fifth)) - ml;
      }
    }
  };
}

/** Two bits of number i in a super-block: 128 numbers share 32 bytes. */
const twoBits = (bytes: Uint8Array, from: number, i: number): number =>
  ((bytes[from + (i >> 7) * 32 + (i & 31)] as number) >> (2 * ((i >> 5) & 3))) & 3;

const q2: Unpack = (bytes, from, to, at) => {
  const d = half(bytes, from + 80);
  const dmin = half(bytes, from + 82);
  for (let group = 0; group < 16; group++) {
    const scale = bytes[from + group] as number;
    const dl = round(d * (scale & 15));
    const ml = round(dmin * (scale >> 4));
    for (let i = 16 * group; i < 16 * group + 16; i++) to[at + i] = round(dl * twoBits(bytes, from + 16, i)) - ml;
  }
};

const q3: Unpack = (bytes, from, to, at) => {
  const d = half(bytes, from + 108);
  for (let group = 0; group < 16; group++) {
    const low = (bytes[from + 96 + (group & 7)] as number) >> (group < 8 ? 0 : 4);
    const high = (bytes[from + 104 + (group & 3)] as number) >> (2 * (group >> 2));
    const dl = round(d * (((low & 15) | ((high & 3) << 4)) - 32));
    for (let i = 16 * group; i < 16 * group + 16; i++) {
      const set = ((bytes[from + (i & 31)] as number) >> (i >> 5)) & 1;
      to[at + i] = dl * (twoBits(bytes, from + 32, i) - (set === 1 ? 0 : 4));
    }
  }
};

const q6: Unpack = (bytes, from, to, at) => {
  const d = half(bytes, from + 208);
  for (let group = 0; group < 16; group++) {
    const dl = round(d * signed(bytes[from + 192 + group] as number));
    const row = group >> 1;
    const low = from + (row >> 2) * 64 + (row & 1) * 32 + (group & 1) * 16;
    const high = from + 128 + (row >> 2) * 32 + (group & 1) * 16;
    const [lowShift, highShift] = [2 * (row & 2), 2 * (row & 3)];
    for (let i = 0; i < 16; i++) {
      const four = ((bytes[low + i] as number) >> lowShift) & 15;
      const two = ((bytes[high + i] as number) >> highShift) & 3;
      to[at + 16 * group + i] = dl * ((four | (two << 4)) - 32);
    }
  }
};

const q8: Unpack = (bytes, from, to, at) => {
  const d = half(bytes, from);
  for (let i = 0; i < BLOCK; i++) to[at + i] = d * (((bytes[from + 2 + i] as number) << 24) >> 24);
};

const UNPACK: Readonly<Record<string, Unpack>> = {
  Q4_0: fourBits(8, 2),
  Q4_1: fourBits(undefined, 4),
  Q5_0: fiveBits(16, 2, 6),
  Q5_1: fiveBits(undefined, 4, 8),
  Q8_0: q8,
  Q2_K: q2,
  Q3_K: q3,
  Q4_K: superBlock(undefined, 16),
  Q5_K: superBlock(16, 48),
  Q6_K: q6,
};

/**
 * @param bytes whole blocks of this kind
 * @param block elements of a block, and `size` its bytes
 * @param at where in `to` the first element goes
 */
export function dequantize(
  kind: { readonly name: string; readonly block: number; readonly bytes: number },
  bytes: Uint8Array,
  to: Float32Array,
  at = 0,
): void {
  const { name } = kind;
  if (name === "F32" || name === "F16" || name === "BF16") return toFloat32(name, bytes, to, at);
  const unpack = UNPACK[name];
  if (unpack === undefined) throw new RangeError(`dequantize: askew does not unpack ${kind.name}`);
  const blocks = bytes.length / kind.bytes;
  for (let i = 0; i < blocks; i++) unpack(bytes, i * kind.bytes, to, at + i * kind.block);
}
