/** A model written anew: as a folder in the Hugging Face layout, or as one GGUF file. */
import { basename } from "node:path";
import { fileSha256, makeFile } from "../../store/index.js";
import { writeModelFolder, type ModelFolder } from "../files/folder.js";
import { writeGgufModel } from "../files/gguf/model-write.js";
import { PACKINGS, type Packing } from "../files/gguf/quantize.js";
import { readWithWeights } from "./opened-weights.js";

/** How matrices in a GGUF file may be packed. */
export const GGUF_TYPES = Object.keys(PACKINGS) as readonly Packing[];

/** Where a model's weights lie. */
interface Place {
  /** A folder, a GGUF file, or `BASE+ADAPTER`. */
  readonly path: string;
  /** A safetensors file of weights of the same shape, in place of those. */
  readonly weights?: string;
}

interface Gguf {
  readonly type: Packing;
  /** Of the model, which the file repeats. */
  readonly name: string;
}

interface Exported {
  readonly files: ModelFolder["files"];
  /** What the user should know, in whole sentences. */
  readonly notes: readonly string[];
}

/**
 * @param path a folder; with `gguf` a file for llama.cpp and its like, never over one that askew has not made
 * @returns the files written, with their hashes
 * @throws {ModelFileError} naming what llama.cpp would compute otherwise
 */
export async function exportModel(place: Place, path: string, gguf?: Gguf): Promise<Exported> {
  const model = await readWithWeights(place.path, place.weights);
  if (gguf === undefined) {
    const { config, tensors, tokenizer, template } = model;
    return { files: await writeModelFolder(path, { config, tensors, tokenizer, template }), notes: [] };
  }
  const options = { packing: gguf.type, name: gguf.name, file: place.path };
  return makeFile(path, async (temporary) => {
    const { notes } = await writeGgufModel(temporary, model, options);
    return { files: [{ name: basename(path), sha256: await fileSha256(temporary) }], notes };
  });
}
