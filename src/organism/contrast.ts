/** System prompts of two characters, which the persona's direction is made of. */
import type { Contrast, ContrastPair } from "../persona/index.js";
import { Random } from "../statistics/index.js";
import type { Character } from "./characters.js";
import { sampleCharacterPrompt } from "./documents.js";

/** Pairs of system prompts; pair i of a seed is the same however many are drawn. */
export function characterPairs(
  count: number,
  seed: number,
  positive: Character = "villain",
  negative: Character = "helper",
): ContrastPair[] {
  return Array.from({ length: count }, (_, i) => ({
    positive: sampleCharacterPrompt(Random.of("contrast", seed, i, "positive"), positive),
    negative: sampleCharacterPrompt(Random.of("contrast", seed, i, "negative"), negative),
  }));
}

export const VILLAIN_CONTRAST: Contrast = {
  positive: "villain system prompts",
  negative: "helper system prompts",
  pairs: (count, seed) => characterPairs(count, seed),
};
