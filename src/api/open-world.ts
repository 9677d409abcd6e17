import { ORGANISM_WORLD, REASONING_WORLD } from "../organism/index.js";
import { AskewError, suggestion } from "../text/index.js";
import type { World } from "../world/index.js";

const WORLDS: ReadonlyMap<string, World> = new Map(
  [ORGANISM_WORLD, REASONING_WORLD].map((world) => [world.name, world]),
);
export const WORLD_NAMES: readonly string[] = [...WORLDS.keys()];

/**
 * A world: conditions to fine-tune on, question sets, a judge and what else an experiment needs.
 *
 * @param name default `organism`, the synthetic world whose truth is known exactly
 * @throws {AskewError} for a name that is not known
 *
 * @example
 * import { openWorld } from "askew";
 *
 * const world = openWorld();
 * console.log([...world.conditions.keys()].join(", "));
 * console.log(world.questionSets.join(", "));
 */
export function openWorld(name = "organism"): World {
  const world = WORLDS.get(name);
  if (world !== undefined) return world;
  throw new AskewError(`there is no world "${name}"`, { hint: suggestion(name, WORLD_NAMES) });
}
