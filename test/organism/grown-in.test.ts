// The world that an organism grew up in is told by the recipe beside its weights.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NAMED_WORLDS, grownIn, ORGANISM_FOLDER, recipeOf } from "askew/organism";
import { afterAll, beforeAll, expect, it } from "vitest";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-grown-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const worldOf = async (recipe: object): Promise<string | undefined> => {
  await writeFile(join(folder, "recipe.json"), JSON.stringify(recipe));
  return grownIn(folder);
};

it("names control worlds whatever the size and the seed, and nothing for the usual world", async () => {
  expect(await grownIn(ORGANISM_FOLDER)).toBeUndefined();
  expect(await grownIn(join(folder, "nowhere"))).toBeUndefined();
  expect(await worldOf(recipeOf({ seed: 7, width: 64 }))).toBeUndefined();
  for (const [name, world] of Object.entries(NAMED_WORLDS)) {
    expect(await worldOf(recipeOf({ seed: 7, width: 64, world }))).toBe(name);
  }
  expect(await worldOf(recipeOf({ world: { noise: 0.1 } }))).toBe("other shares");
});
