const EXPONENT = 0x7f80_0000;

/** Where the first infinite number or NaN is: those whose exponent has all its bits, which is faster to see than to ask. */
export function firstNotFinite(data: Float32Array): number | undefined {
  const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
  for (let i = 0; i < bits.length; i++) if (((bits[i] as number) & EXPONENT) === EXPONENT) return i;
  return undefined;
}
