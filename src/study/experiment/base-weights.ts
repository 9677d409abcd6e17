/** The weights an arm starts from. */
import { join } from "node:path";
import { readModelFolder, type Weights } from "../../onnx/index.js";
import { ORGANISM_FOLDER } from "../../organism/index.js";
import type { LocalModel } from "../../model/index.js";
import { StudyError } from "../error.js";

/** Puts them into the model. `pretrained` are those that `askew organism pretrain` keeps in a folder beside the aligned ones. */
export async function loadBase(model: LocalModel, from: "aligned" | "pretrained"): Promise<Weights> {
  const weights = from === "aligned" ? model.folder.tensors : await pretrainedWeights(model.name);
  await model.load(weights);
  return weights;
}

async function pretrainedWeights(name: string): Promise<Weights> {
  const folder = join(name === "organism" ? ORGANISM_FOLDER : name.replace(/^local:/, ""), "pretrained");
  try {
    return (await readModelFolder(folder)).tensors;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StudyError(
      `${folder}: expected the model as it was before its alignment, which askew organism pretrain keeps there. ${why}`,
    );
  }
}
