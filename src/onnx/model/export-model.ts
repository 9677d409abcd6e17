/** A model written anew as a folder in the Hugging Face layout. */
import { writeModelFolder, type ModelFolder } from "../files/folder.js";
import { readModel } from "./read-model.js";

/**
 * @param path a folder, a GGUF file, or `BASE+ADAPTER`, which is written as one model
 * @returns the files written, with their hashes
 */
export async function exportModel(path: string, folder: string): Promise<ModelFolder["files"]> {
  const { config, tensors, tokenizer, template } = await readModel(path);
  return writeModelFolder(folder, { config, tensors, tokenizer, template });
}
