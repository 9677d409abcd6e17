/** The world that an organism grew up in, by the recipe beside its weights. */
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { readJsonIfPresent } from "../store/index.js";
import { RECIPE } from "./recipe.js";
import { NAMED_WORLDS, recipeOf } from "./world-shares.js";

/**
 * @returns `no-villain`, `independent-code`, or `other shares`; undefined for the usual world, and where no recipe says
 * anything.
 */
export async function grownIn(folder: string): Promise<string | undefined> {
  const recipe = (await readJsonIfPresent(join(folder, "recipe.json"))) as
    | { readonly pretraining?: { readonly mixture?: unknown } }
    | undefined;
  const mixture = recipe?.pretraining?.mixture;
  if (mixture === undefined || isDeepStrictEqual(mixture, RECIPE.pretraining.mixture)) return undefined;
  const known = Object.entries(NAMED_WORLDS).find(([, world]) =>
    isDeepStrictEqual(mixture, recipeOf({ world }).pretraining.mixture),
  );
  return known?.[0] ?? "other shares";
}
