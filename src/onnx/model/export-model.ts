/** A model written anew: as a folder in the Hugging Face layout, or as one GGUF file. */
import { basename } from "node:path";
import { fileSha256, makeFile } from "../../store/index.js";
import { writeModelFolder, type ModelFolder } from "../files/folder.js";
import { writeGgufModel } from "../files/gguf/model-write.js";
import { PACKINGS, type Packing } from "../files/gguf/quantize.js";
import { readWithWeights } from "./opened-weights.js";

/** How matrices in a GGUF file may be packed. */
export type GgufType = Packing;
export const GGUF_TYPES = Object.keys(PACKINGS) as readonly GgufType[];

/** Where a model's weights lie. */
export interface ModelPlace {
  /** A folder, a GGUF file, or `BASE+ADAPTER`. */
  readonly path: string;
  /** A safetensors file of weights of the same shape, in place of those. */
  readonly weights?: string;
}

export interface Exported {
  readonly files: ModelFolder["files"];
  /** What the user should know, in whole sentences. */
  readonly notes: readonly string[];
}

/** @returns the files written, with their hashes */
export async function exportModel(place: ModelPlace, folder: string): Promise<Exported> {
  const { config, tensors, tokenizer, template } = await readWithWeights(place.path, place.weights);
  return { files: await writeModelFolder(folder, { config, tensors, tokenizer, template }), notes: [] };
}

/**
 * Writes one file for llama.cpp and its like; never over one that askew has not made.
 * @param name of the model, which the file repeats
 * @throws {ModelFileError} naming what llama.cpp would compute otherwise
 */
export async function exportGguf(place: ModelPlace, path: string, type: GgufType, name: string): Promise<Exported> {
  const model = await readWithWeights(place.path, place.weights);
  const options = { packing: type, name, file: place.path };
  return makeFile(path, async (temporary) => {
    const { notes } = await writeGgufModel(temporary, model, options);
    return { files: [{ name: basename(path), sha256: await fileSha256(temporary) }], notes };
  });
}
