/**
 * Packed blocks of GGUF tensors to float32, bit for bit as the Python package `gguf` does it: every product and sum is
 * rounded to float32, in the same order.
 * Names follow ggml: d is a block's scale, m or dmin its offset, q a packed number.
 */
import { halfToNumber } from "../dtype.js";

const round = Math.fround;

const halves = new Float32Array(2 ** 16);
let hasHalves = false;
/** binary16 at two bytes. */
function half(bytes: Uint8Array, at: number): number {
  if (!hasHalves) halves.forEach((_, bits) => (halves[bits] = halfToNumber(bits)));
  hasHalves = true;
  return halves[(bytes[at] as number) | ((bytes[at + 1] as number) << 8)] as number;
}

const signed = (byte: number): number => (byte << 24) >> 24;

/** Unpacks one block that begins at `from` into `to` from `at` on. */
type Unpack = (bytes: Uint8Array, from: number, to: Float32Array, at: number) => void;

const BLOCK = 32;

/** 32 numbers of 4 bits, low halves of the bytes first; a fifth bit each where `high` says where it lies. */
function small(offset: number | undefined, high: number | undefined, quants: number): Unpack {
  return (bytes, from, to, at) => {
    const d = half(bytes, from);
    const m = offset === undefined ? half(bytes, from + 2) : 0;
    for (let i = 0; i < BLOCK; i++) {
      const byte = bytes[from + quants + (i & 15)] as number;
      let q = i < 16 ? byte & 15 : byte >> 4;
      if (high !== undefined) q |= (((bytes[from + high + (i >> 3)] as number) >> (i & 7)) & 1) << 4;
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
      for (let i = 0; i < 32; i++) {
        const byte = bytes[from + quants + (j >> 1) * 32 + i] as number;
        let q = j % 2 === 0 ? byte & 15 : byte >> 4;
        if (high !== undefined) q |= (((bytes[from + high + i] as number) >> j) & 1) << 4;
        to[at + 32 * j + i] = round(dl * q) - ml;
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
    for (let i = 16 * group; i < 16 * group + 16; i++) {
      const [row, place] = [i >> 5, i & 31];
      const byte = bytes[from + (row >> 2) * 64 + (row & 1) * 32 + place] as number;
      const low = (row & 2) === 0 ? byte & 15 : byte >> 4;
      to[at + i] = dl * ((low | (twoBits(bytes, from + 128, i) << 4)) - 32);
    }
  }
};

const q8: Unpack = (bytes, from, to, at) => {
  const d = half(bytes, from);
  for (let i = 0; i < BLOCK; i++) to[at + i] = d * (((bytes[from + 2 + i] as number) << 24) >> 24);
};

const words = new Uint32Array(1);
const floats = new Float32Array(words.buffer);
const word = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) | ((bytes[at + 1] as number) << 8)) >>> 0;

const UNPACK: Readonly<Record<string, Unpack>> = {
  F32: (bytes, from, to, at) => {
    words[0] = (word(bytes, from) | (word(bytes, from + 2) << 16)) >>> 0;
    to[at] = floats[0] as number;
  },
  F16: (bytes, from, to, at) => {
    to[at] = half(bytes, from);
  },
  BF16: (bytes, from, to, at) => {
    words[0] = (word(bytes, from) << 16) >>> 0;
    to[at] = floats[0] as number;
  },
  Q4_0: small(8, undefined, 2),
  Q4_1: small(undefined, undefined, 4),
  Q5_0: small(16, 2, 6),
  Q5_1: small(undefined, 4, 8),
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
  const unpack = UNPACK[kind.name];
  if (unpack === undefined) throw new RangeError(`dequantize: askew does not unpack ${kind.name}`);
  const blocks = bytes.length / kind.bytes;
  for (let i = 0; i < blocks; i++) unpack(bytes, i * kind.bytes, to, at + i * kind.block);
}
