/** The files that a model's path stands for: a folder, a GGUF file, or one of these with an adapter, `BASE+ADAPTER`. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Engine } from "../../graph/index.js";
import { fileSha256 } from "../../store/index.js";
import { readAdapter } from "../files/adapter-files.js";
import { readModelFolder, type ModelFolder } from "../files/folder.js";
import { isGguf, readGgufModel } from "../files/gguf/model.js";
import { mergeLora, setLora } from "../network/lora.js";

/** In the engine that merges. */
const SCOPE = "merged";

export async function readModel(path: string): Promise<ModelFolder> {
  const parts = existsSync(path) ? undefined : cut(path);
  if (parts) return withAdapter(...parts);
  return isGguf(path) ? readGgufModel(path) : readModelFolder(path);
}

/** Names may have a plus of their own, so the one counts that stands after the name of something that exists. */
function cut(path: string): [base: string, adapter: string] | undefined {
  for (let at = path.indexOf("+"); at > 0; at = path.indexOf("+", at + 1)) {
    const base = path.slice(0, at);
    if (at < path.length - 1 && existsSync(base)) return [base, path.slice(at + 1)];
  }
  return undefined;
}

/** The base model with the adapter merged into its weights. */
async function withAdapter(base: string, adapterFolder: string): Promise<ModelFolder> {
  const folder = await readModel(base);
  const adapter = await readAdapter(adapterFolder, folder.config);
  const engine = Engine.start();
  try {
    const lora = await setLora(engine, SCOPE, adapter);
    const name = (parameter: string): string => `${SCOPE}.${parameter}`;
    await mergeLora(engine, folder.config, lora, name, folder.tensors);
    const files = ["adapter_config.json", "adapter_model.safetensors"].map(async (file) => ({
      name: `adapter/${file}`,
      sha256: await fileSha256(join(adapterFolder, file)),
    }));
    const { origin: _base, ...rest } = folder;
    return { ...rest, files: [...folder.files, ...(await Promise.all(files))] };
  } finally {
    await engine.close();
  }
}
