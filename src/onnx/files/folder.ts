/**
 * A model as a folder in the Hugging Face layout: config.json, model.safetensors (or shards), tokenizer.json,
 * tokenizer_config.json, generation_config.json. The Python library `transformers` opens what is written here.
 */
import { join, resolve } from "node:path";
import type { ChatTemplate } from "../tokens/chat-template.js";
import {
  writeFileAtomically,
  writeJson,
  makeFolder,
  fileSha256,
  readJson,
  readJsonIfPresent,
  readTextIfPresent,
} from "../../store/index.js";
import { configText, configToJson } from "./config-write.js";
import { configFromJson, parameterShapes, type TransformerConfig } from "./config.js";
import { ModelFileError } from "./model-file-error.js";
import { CHAT_TEMPLATE, chatTemplateOf, LARGEST_TEMPLATE } from "./chat-template-file.js";
import { endIdsOf } from "./end-ids.js";
import { writeSafetensors, type Tensor } from "./safetensors.js";
import { Tokenizer } from "../tokens/tokenizer.js";
import { readWeightFiles } from "./weight-files.js";

export interface ModelParts {
  readonly config: TransformerConfig;
  /** Hugging Face tensor name → tensor, as {@link parameterShapes} lists them. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly tokenizer: Tokenizer;
  /** Undefined for models that were not taught to chat. */
  readonly template: ChatTemplate | undefined;
}

export interface ModelFolder extends ModelParts {
  /** Every file the model was read from, for provenance; `sha256` in hexadecimal. */
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
  /** The absolute path it was read from, where that alone is the model. */
  readonly origin?: string;
}

const LARGEST_JSON = 2 ** 24;

/**
 * Reads and checks a folder. `config.eosIds` holds every token that ends an answer, also those that only
 * generation_config.json or the tokenizer name.
 * @throws {ModelFileError} naming the file, what was expected and what was found.
 */
export async function readModelFolder(folder: string): Promise<ModelFolder> {
  const cure = "Give the folder of a model in the Hugging Face layout.";
  const raw = configFromJson(
    await readJson(join(folder, "config.json"), LARGEST_JSON, cure),
    join(folder, "config.json"),
  );
  const tokenizer = await Tokenizer.load(folder);
  // Control tokens beyond, such as Gemma 3's for images, harm nobody as long as no one feeds them to the model.
  if (tokenizer.textSize > raw.vocabSize) {
    throw new ModelFileError({
      file: join(folder, "tokenizer.json"),
      expected: `token ids below vocab_size (${raw.vocabSize}) of config.json`,
      found: `${tokenizer.textSize - 1}`,
      cure: "The tokenizer belongs to another model, or tokens were added without resizing the model: use its own.",
    });
  }
  const template = await readTemplate(folder, tokenizer);
  const eosIds = await readEndIds(folder, raw, tokenizer);
  const { tensors, files } = await readWeightFiles(folder, raw);
  const names = ["config.json", ...files, "tokenizer.json"];
  for (const name of ["tokenizer_config.json", "generation_config.json", "chat_template.jinja"]) {
    if ((await readTextIfPresent(join(folder, name), LARGEST_JSON)) !== undefined) names.push(name);
  }
  const found = { config: { ...raw, eosIds }, tensors, tokenizer, template, files: await hashes(folder, names) };
  return { ...found, origin: resolve(folder) };
}

async function readTemplate(folder: string, tokenizer: Tokenizer): Promise<ChatTemplate | undefined> {
  const own = await readTextIfPresent(join(folder, CHAT_TEMPLATE), LARGEST_TEMPLATE);
  return chatTemplateOf(own, tokenizer, folder);
}

async function readEndIds(folder: string, config: TransformerConfig, tokenizer: Tokenizer): Promise<number[]> {
  const file = join(folder, "generation_config.json");
  return endIdsOf(await readJsonIfPresent(file, LARGEST_JSON), config, tokenizer, file);
}

async function hashes(folder: string, names: readonly string[]): Promise<{ name: string; sha256: string }[]> {
  const result: { name: string; sha256: string }[] = [];
  for (const name of names) {
    result.push({ name, sha256: await fileSha256(join(folder, name)) });
  }
  return result;
}

/**
 * Writes a model; each file atomically, config.json last, so that a folder with it is complete.
 * @param metadata goes into the safetensors file; texts only.
 * @returns the files written, with their hashes.
 * @throws {RangeError} when the tensors are not those of the config.
 */
export async function writeModelFolder(
  folder: string,
  { config, tensors, tokenizer, template }: ModelParts,
  metadata: Readonly<Record<string, string>> = {},
): Promise<ModelFolder["files"]> {
  const shapes = parameterShapes(config);
  for (const [name, shape] of shapes) {
    const found = tensors.get(name)?.shape;
    if (found?.join() !== shape.join()) {
      throw new RangeError(
        `writeModelFolder: tensor "${name}" must be [${shape.join(", ")}], found ${found ? `[${found.join(", ")}]` : "none"}`,
      );
    }
  }
  const surplus = [...tensors.keys()].find((name) => !shapes.has(name));
  if (surplus !== undefined) throw new RangeError(`writeModelFolder: the config has no tensor "${surplus}"`);
  await makeFolder(folder);
  const eos = config.eosIds.length > 0 ? [...config.eosIds] : undefined;
  await writeSafetensors(join(folder, "model.safetensors"), tensors, { format: "pt", ...metadata });
  await writeJson(join(folder, "tokenizer.json"), tokenizer.json);
  await writeJson(join(folder, "tokenizer_config.json"), {
    ...tokenizer.config,
    ...(template && { chat_template: template.source }),
  });
  await writeJson(join(folder, "generation_config.json"), {
    ...(config.bosId !== undefined && { bos_token_id: config.bosId }),
    ...(eos && { eos_token_id: eos.length === 1 ? eos[0] : eos }),
    ...(tokenizer.padId !== undefined && { pad_token_id: tokenizer.padId }),
    do_sample: true,
    temperature: 1,
    top_p: 1,
  });
  const padding = tokenizer.padId === undefined ? {} : { pad_token_id: tokenizer.padId };
  const text = configText({ ...configToJson(config), ...padding });
  await writeFileAtomically(join(folder, "config.json"), (file) => file.writeFile(text));
  return hashes(folder, [
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "generation_config.json",
  ]);
}
