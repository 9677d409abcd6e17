/** A model out of one GGUF file: config, weights, tokenizer and chat template. */
import { basename, resolve } from "node:path";
import { fileSha256 } from "../../../store/index.js";
import { ChatTemplate } from "../../tokens/chat-template.js";
import type { Tokenizer } from "../../tokens/tokenizer.js";
import { configFromJson, parameterShapes, type TransformerConfig } from "../config.js";
import type { ModelFolder } from "../folder.js";
import { ModelFileError, shown } from "../model-file-error.js";
import { firstNotFinite } from "../not-finite.js";
import type { Tensor } from "../safetensors.js";
import { ggufConfig, idBelow, type RopeFactors } from "./config.js";
import { GgufFile } from "./file.js";
import { Metadata } from "./metadata.js";
import { asHuggingFace, huggingFaceName } from "./tensor-names.js";
import { ggufTokenizer } from "./tokenizer.js";

export const isGguf = (path: string): boolean => /\.gguf$/i.test(path);

/** @throws {ModelFileError} naming the key or tensor, what was expected and what was found */
export async function readGgufModel(path: string): Promise<ModelFolder> {
  const file = await GgufFile.open(path);
  try {
    const metadata = new Metadata(path, file.header.metadata);
    const config = await readConfig(file, metadata);
    // Weights first: room for them is made by collecting garbage, which takes longer beside a large vocabulary.
    const tensors = await readTensors(file, config, path);
    const tokenizer = ggufTokenizer(metadata);
    if (tokenizer.textSize > config.vocabSize) {
      throw metadata.problem("tokenizer.ggml.tokens", `at most ${config.vocabSize}`, tokenizer.textSize);
    }
    const template = templateOf(metadata, tokenizer);
    const name = basename(path);
    const files = [{ name, sha256: await fileSha256(path) }];
    return { config, tensors, tokenizer, template, files, origin: resolve(path) };
  } finally {
    await file.close();
  }
}

/** @throws {ModelFileError} */
export async function readConfig(file: GgufFile, metadata: Metadata): Promise<TransformerConfig> {
  const { tensors } = file.header;
  const config = configFromJson(ggufConfig(metadata, tensors, await ropeFactors(file)), metadata.file);
  const names = ["eos", "eot", "eom"].map((name) => `tokenizer.ggml.${name}_token_id`);
  const ids = names.map((name) => idBelow(metadata, name, config.vocabSize));
  return { ...config, eosIds: [...new Set(ids.filter((id) => id !== undefined))] };
}

/** Largest tensor of factors: half a head's width. */
const MOST_FACTORS = 512;

async function ropeFactors(file: GgufFile): Promise<RopeFactors> {
  const read = async (name: string): Promise<Float32Array | undefined> => {
    const tensor = file.header.tensors.get(name);
    if (tensor === undefined || tensor.shape.length !== 1 || (tensor.shape[0] as number) > MOST_FACTORS)
      return undefined;
    return (await file.read(tensor)).data;
  };
  const freqs = await read("rope_freqs.weight");
  const short = await read("rope_factors_short.weight");
  const long = await read("rope_factors_long.weight");
  return { ...(freqs && { freqs }), ...(short && { short }), ...(long && { long }) };
}

const ROPE_TENSORS: ReadonlySet<string> = new Set([
  "rope_freqs.weight",
  "rope_factors_short.weight",
  "rope_factors_long.weight",
]);

async function readTensors(file: GgufFile, config: TransformerConfig, path: string): Promise<Map<string, Tensor>> {
  const shapes = parameterShapes(config);
  const cure = "The weights do not belong to what the file says of the model: convert it again.";
  const wrong = (name: string, expected: string, found: string): ModelFileError =>
    new ModelFileError({ file: path, subject: `tensor ${shown(name)}`, expected, found, cure });
  const wanted = [...file.header.tensors.values()].filter(({ name }) => !ROPE_TENSORS.has(name));
  const placed = new Map<string, (typeof wanted)[number]>();
  for (const tensor of wanted) {
    const name = huggingFaceName(tensor.name, config);
    const expected = name === undefined ? undefined : shapes.get(name);
    if (name === undefined || expected === undefined) {
      throw wrong(tensor.name, `only tensors of a ${config.modelType} model of this shape`, "it");
    }
    if (tensor.shape.join() !== expected.join())
      throw wrong(tensor.name, `the shape ${shown(expected)}`, shown(tensor.shape));
    placed.set(name, tensor);
  }
  const missing = [...shapes.keys()].find((name) => !placed.has(name));
  if (missing !== undefined) throw wrong(missing, "a tensor", "none");
  const tensors = new Map<string, Tensor>();
  for (const name of shapes.keys()) {
    const info = placed.get(name);
    if (info === undefined) continue;
    const tensor = asHuggingFace(name, await file.read(info), config);
    const bad = firstNotFinite(tensor.data);
    if (bad !== undefined) throw wrong(info.name, "finite numbers", `${tensor.data[bad]} at element ${bad}`);
    tensors.set(name, tensor);
  }
  return tensors;
}

function templateOf(metadata: Metadata, tokenizer: Tokenizer): ChatTemplate | undefined {
  const source = metadata.text("tokenizer.chat_template");
  if (source === undefined) return undefined;
  const tokens = Object.entries(tokenizer.config).filter(
    ([key, value]) => key.endsWith("_token") && typeof value === "string",
  );
  return new ChatTemplate(source, Object.fromEntries(tokens) as Record<string, string>, metadata.file);
}
