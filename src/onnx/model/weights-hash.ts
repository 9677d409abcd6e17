/** One name for a model's weights, whatever files they lie in. */
import { sha256 } from "../../store/index.js";
import type { ModelFolder } from "../files/folder.js";

/** sha256 of the weights file; of the list of names and hashes where there are several. */
export function weightsHash({ files }: Pick<ModelFolder, "files">): string {
  const weights = files.filter(({ name }) => /\.(?:safetensors|gguf)$/i.test(name));
  if (weights.length === 1 && weights[0] !== undefined) return weights[0].sha256;
  const list = weights.map((file) => `${file.name} ${file.sha256}\n`).join("");
  return sha256(list);
}
