/** The weights an arm starts from. */
import { join } from "node:path";
import { ORGANISM_FOLDER } from "../../organism/index.js";
import type { TrainableModel } from "../../model/index.js";
import { StudyError } from "../error.js";

/** Puts them into the model. `pretrained` are those that `askew organism pretrain` keeps in a folder beside the aligned ones. */
export async function loadBase({ name, training }: TrainableModel, from: "aligned" | "pretrained"): Promise<void> {
  if (from === "aligned") return training.load();
  const folder = join(name === "organism" ? ORGANISM_FOLDER : name.replace(/^local:/, ""), "pretrained");
  try {
    await training.load(folder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StudyError(
      `${folder}: expected the model as it was before its alignment, which askew organism pretrain keeps there. ${why}`,
    );
  }
}
