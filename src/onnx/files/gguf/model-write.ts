/** A model as one GGUF file that llama.cpp opens: config, weights, tokenizer and chat template. */
import type { TransformerConfig } from "../../architectures/index.js";
import { parameterShapes } from "../config.js";
import type { ModelParts } from "../folder.js";
import type { Tensor } from "../safetensors.js";
import { writeConfig } from "./config-write.js";
import { kindOf, writeGguf, type TensorSource } from "./file-write.js";
import { MetadataWriter } from "./header-write.js";
import { nameFor, type AddedToken } from "./phi3-tokens.js";
import { PACKINGS, type PackedKind, type Packing } from "./quantize.js";
import { asGguf, ggufName } from "./tensor-names.js";
import { writeTokenizer } from "./tokenizer-write.js";

/** Version of ggml's packed formats. */
const QUANTIZATION_VERSION = 2;
const EMBEDDING = "model.embed_tokens.weight";

export interface GgufOptions {
  readonly packing: Packing;
  /** `general.name`. */
  readonly name: string;
  /** Named in errors, where it is not the path that is written. */
  readonly file: string;
}

export interface GgufWritten {
  /** Tensors by the kind that they were packed as. */
  readonly kinds: Readonly<Record<string, number>>;
  /** What the user should know, in whole sentences. */
  readonly notes: readonly string[];
}

/**
 * Writes one tensor after another: besides the model it takes the memory of the largest.
 * @param path a new file
 * @throws {ModelFileError} naming what llama.cpp cannot compute
 */
export async function writeGgufModel(path: string, parts: ModelParts, options: GgufOptions): Promise<GgufWritten> {
  const { config, tensors, tokenizer, template } = parts;
  const metadata = new MetadataWriter(options.file);
  const { fileType, name: wanted } = PACKINGS[options.packing];
  const shape = writeConfig(metadata, config);
  metadata.text("general.type", "model");
  const named = nameFor(options.name, (tokenizer.json["added_tokens"] ?? []) as AddedToken[]);
  metadata.text("general.name", named.name);
  metadata.u32("general.file_type", fileType);
  metadata.u32("general.quantization_version", QUANTIZATION_VERSION);
  const notes = [...shape.notes, ...writeTokenizer(metadata, tokenizer, config)];
  if (!named.isExact) notes.push("This tokenizer drops white space beside some control tokens; llama.cpp keeps it.");
  if (template) metadata.text("tokenizer.chat_template", template.source);
  const sources = [...sourcesOf(config, tensors, wanted)];
  if (shape.copiesReadout) {
    const embedding = sources.find(({ name }) => name === ggufName(EMBEDDING, config));
    if (embedding) sources.push({ ...embedding, name: "output.weight" });
  }
  for (const [own, tensor] of shape.tensors) {
    sources.push({ name: own, shape: tensor.shape, kind: "F32", read: () => tensor });
  }
  await writeGguf(path, metadata, sources);
  const kinds: Record<string, number> = {};
  for (const { kind } of sources) kinds[kind] = (kinds[kind] ?? 0) + 1;
  return { kinds, notes };
}

function* sourcesOf(
  config: TransformerConfig,
  tensors: ReadonlyMap<string, Tensor>,
  wanted: PackedKind,
): Generator<TensorSource> {
  for (const [name, shape] of parameterShapes(config)) {
    const tensor = tensors.get(name);
    if (tensor?.shape.join() !== shape.join()) {
      throw new RangeError(`writeGgufModel: tensor ${JSON.stringify(name)} must be [${shape.join(", ")}]`);
    }
    yield {
      name: ggufName(name, config),
      shape,
      kind: kindFor(shape, wanted),
      read: () => asGguf(name, tensor, config),
    };
  }
}

/** Vectors stay exact; rows that no block divides are F16, as with llama.cpp's converter. */
function kindFor(shape: readonly number[], wanted: PackedKind): PackedKind {
  if (shape.length < 2) return "F32";
  return (shape.at(-1) as number) % kindOf(wanted).kind.block === 0 ? wanted : "F16";
}
