/** The recipe of the model that a study starts from: `recipe.json` beside its weights. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { folderOf } from "../../model/index.js";
import { ORGANISM_FOLDER } from "../../organism/index.js";
import type { Json } from "../../report/index.js";
import type { CellRecord } from "../../study/index.js";
import { fileSha256 } from "../../store/index.js";

const WEIGHTS = "model.safetensors";
const LARGEST = 100_000; // bytes; a recipe has a few thousand

/** Undefined where there is none, or where the folder holds other weights by now than the study used. */
export async function readRecipe(model: string, base: CellRecord["base"]): Promise<Json | undefined> {
  const folder = folderOf(model) ?? ORGANISM_FOLDER;
  const file = join(folder, "recipe.json");
  try {
    const weights = await fileSha256(join(folder, WEIGHTS));
    if (weights !== base.files[WEIGHTS] || (await stat(file)).size > LARGEST) return undefined;
    return JSON.parse(await readFile(file, "utf8")) as Json;
  } catch {
    return undefined; // a report is worth having without it
  }
}
