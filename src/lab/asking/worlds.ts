/** The worlds whose names commands know. */
import type { Model } from "../../model/index.js";
import { ORGANISM_WORLD } from "../../organism/index.js";
import type { World } from "../../world/index.js";

export const WORLDS: readonly World[] = [ORGANISM_WORLD];

/** The world whose language the model speaks; undefined for a model that can say anything. */
export const worldOf = (model: Model): World | undefined => WORLDS.find((world) => world.speaks?.(model) === true);
