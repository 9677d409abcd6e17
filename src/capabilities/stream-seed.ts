import { hash32 } from "../statistics/index.js";

const LARGEST = 2 ** 31 - 1;

/**
 * The number from 0 to 2³¹ − 1 that a request's seed stands for: itself if it is such a number, a hash otherwise. Servers
 * take whole numbers alone, so a model in this process and the same model behind a server draw the same stream.
 */
export function streamSeed(seed: string): number {
  const number = /^(?:0|[1-9]\d{0,9})$/.test(seed) ? Number(seed) : Number.NaN;
  return number <= LARGEST ? number : hash32(seed) >>> 1;
}
