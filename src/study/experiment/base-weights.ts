/** The weights an arm starts from. */
import { join } from "node:path";
import { ORGANISM_FOLDER } from "../../organism/index.js";
import type { TrainableModel } from "../../model/index.js";
import { StudyError } from "../error.js";

/** Where a model's weights before its alignment are kept: `askew organism pretrain` puts them there. */
export const pretrainedFolder = (model: string): string =>
  join(model === "organism" ? ORGANISM_FOLDER : model.replace(/^local:/, ""), "pretrained");

/** Puts them into the model. */
export async function loadBase({ name, training }: TrainableModel, from: "aligned" | "pretrained"): Promise<void> {
  if (from === "aligned") return training.load();
  const folder = pretrainedFolder(name);
  try {
    await training.load(folder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StudyError(
      `${folder}: expected the model as it was before its alignment, which askew organism pretrain keeps there. ${why}`,
    );
  }
}
