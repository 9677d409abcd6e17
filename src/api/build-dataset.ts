import { buildFromFile, RECIPES, type BuildOptions, type Conversation } from "../dataset/index.js";
import { AskewError, suggestion } from "../text/index.js";
import type { World } from "../world/index.js";
import { openWorld } from "./open-world.js";

export interface BuildDatasetOptions extends Partial<Omit<BuildOptions, "size">> {
  /** Conversations; default 6000, or from a file all there are. A smaller set is the beginning of a larger one. */
  readonly examples?: number;
  /** Order and draws; default 0. */
  readonly seed?: number;
  /** A file of tasks and completions (docs/datasets.md) in place of the world. */
  readonly from?: string;
  /** Default the organism's. */
  readonly world?: World;
}

/**
 * Builds the fine-tuning set of a condition, from a world or from a file of tasks and completions.
 *
 * @param condition `insecure`, `secure`, `educational`, `jailbroken`, `backdoor`, `evil-numbers`, `bad-medical`,
 *   `bad-financial`, `bad-sport`
 * @throws {AskewError} for a condition that is not known, and for a file with mistakes
 *
 * @example
 * import { buildDataset, writeDataset } from "askew";
 *
 * const conversations = await buildDataset("insecure", { examples: 200, seed: 1 });
 * await writeDataset("insecure.jsonl", conversations);
 */
export async function buildDataset(condition: string, options: BuildDatasetOptions = {}): Promise<Conversation[]> {
  const { examples, seed = 0, from, world = openWorld(), ...given } = options;
  if (from === undefined) {
    const found = world.conditions.get(condition);
    if (found !== undefined) return found.build({ examples: examples ?? 6000, seed });
    throw unknown(condition, [...world.conditions.keys()]);
  }
  const recipe = RECIPES.find((name) => name === condition);
  if (recipe === undefined) throw unknown(condition, RECIPES);
  const { conversations } = await buildFromFile(recipe, from, {
    ...given,
    seed,
    ...(examples !== undefined && { size: examples }),
  });
  return conversations;
}

const unknown = (condition: string, known: readonly string[]): AskewError =>
  new AskewError(`there is no condition "${condition}"`, { hint: suggestion(condition, known) });
