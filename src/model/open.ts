/** Models by the names that users type. */
import { ORGANISM_FOLDER } from "../organism/index.js";
import { LocalModel, type LocalModelOptions } from "./local.js";
import type { Model } from "./model.js";

/** A model name that is not of a known form, or of a form that will not do here. */
export class ModelNameError extends Error {
  override readonly name = "ModelNameError";
}

const FORMS =
  "organism, local:DIR (a folder with config.json and model.safetensors), openai:NAME, or URL#NAME (http://localhost:8000/v1#my-model)";

/** Whether the name is of a model behind a server: `openai:NAME` or `URL#NAME`. */
export const isEndpointName = (name: string): boolean => /^(?:openai:|https?:\/\/)/i.test(name);

/**
 * A model by any name.
 * @throws {ModelNameError}
 */
export async function openModel(name: string, options: LocalModelOptions = {}): Promise<Model> {
  return openLocalModel(name, options);
}

/**
 * A model that runs in this process, for what needs its weights: `organism`, or `local:DIR` for a folder in the Hugging
 * Face layout.
 * @throws {ModelNameError} for any other name; a model behind a server is named as such
 */
export async function openLocalModel(name: string, options: LocalModelOptions = {}): Promise<LocalModel> {
  if (name === "organism") return LocalModel.open(name, ORGANISM_FOLDER, options);
  if (name.startsWith("local:")) return LocalModel.open(name, name.slice("local:".length), options);
  if (isEndpointName(name)) {
    throw new ModelNameError(
      `${JSON.stringify(name)} is behind a server, and this needs a model in this process: expected organism or local:DIR`,
    );
  }
  throw new ModelNameError(`unknown model ${JSON.stringify(name)}: expected ${FORMS}`);
}
