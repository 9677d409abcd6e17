/** The weights that a model was opened with. They are in memory once, in the engine; here is how they are read again. */
import { basename } from "node:path";
import type { Weights } from "../../capabilities/index.js";
import { fileSha256 } from "../../store/index.js";
import type { ModelFolder } from "../files/folder.js";
import { ModelFileError } from "../files/model-file-error.js";
import { readSafetensors } from "../files/safetensors.js";
import { readModel } from "./read-model.js";

/** Names the model's weights in the engine. */
export const SCOPE = "model";

/** A model's files, whose weights are in the engine. */
export type OpenedFolder = Omit<ModelFolder, "tensors">;

/** Weights, and whether they may be moved because nobody else uses them. */
export interface OwnWeights {
  readonly weights: Weights;
  readonly take: boolean;
}

/** @param weights a safetensors file of weights of the same shape, in place of the model's own */
export async function readWithWeights(model: string, weights: string | undefined): Promise<ModelFolder> {
  const folder = await readModel(model);
  if (weights === undefined) return folder;
  const { tensors } = await readSafetensors(weights);
  const others = folder.files.filter(({ name }) => !name.endsWith(".safetensors"));
  return { ...folder, tensors, files: [...others, { name: basename(weights), sha256: await fileSha256(weights) }] };
}

/** @throws {ModelFileError} where a file is no longer the one that the model was opened with */
export async function readAgain(
  model: string,
  weights: string | undefined,
  { files }: Pick<ModelFolder, "files">,
): Promise<OwnWeights> {
  const again = await readWithWeights(model, weights);
  const changed = again.files.find(({ sha256 }, i) => sha256 !== files[i]?.sha256);
  if (changed === undefined) return { weights: again.tensors, take: true };
  throw new ModelFileError({
    file: model,
    subject: changed.name,
    expected: "the file that the model was opened with",
    found: "another",
    cure: "Open the model again.",
  });
}

/** @param from a safetensors file, a model as `local:` names it, or tensors, which stay their owner's */
export async function weightsOf(from: string | Weights): Promise<OwnWeights> {
  if (typeof from !== "string") return { weights: from, take: false };
  const weights = from.endsWith(".safetensors")
    ? (await readSafetensors(from)).tensors
    : (await readModel(from)).tensors;
  return { weights, take: true };
}

export const bytesOf = (weights: Weights): number =>
  [...weights.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
