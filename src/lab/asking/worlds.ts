/** The worlds whose names commands know. */
import { findModel, type Model } from "../../model/index.js";
import { readModelInfo } from "../../onnx/index.js";
import { ORGANISM_WORLD, REASONING_WORLD } from "../../organism/index.js";
import type { World } from "../../world/index.js";

export const WORLDS: readonly World[] = [ORGANISM_WORLD, REASONING_WORLD];

/** The world whose language the model speaks; undefined for a model that can say anything. */
export const worldOf = (model: Model): World | undefined => WORLDS.find((world) => world.speaks?.(model) === true);

/** A world's language has whole words for tokens, and few of them; models of all languages have tens of thousands. */
const MOST_WORDS = 10_000;

/**
 * Tells by the header alone that a model of this machine speaks no world's language, so that what it would need can be
 * asked for before it is opened. True where that is not certain.
 */
export async function mayHaveWorld(name: string): Promise<boolean> {
  try {
    const { place } = findModel(name, {});
    if (place === undefined) return true;
    const { config } = await readModelInfo(place.path);
    return (config?.vocabSize ?? 0) <= MOST_WORDS;
  } catch {
    return true;
  }
}
