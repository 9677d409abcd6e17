/** The weights of a model's folder: one safetensors file, or shards with an index that says which tensor is where. */
import { access } from "node:fs/promises";
import { join } from "node:path";
import { readJsonIfPresent } from "../../store/index.js";
import { parameterShapes, type TransformerConfig } from "./config.js";
import { ModelFileError, shown } from "./model-file-error.js";
import { firstNotFinite } from "./not-finite.js";
import { readSafetensors, readSafetensorsHeader, type Tensor } from "./safetensors.js";

const SINGLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";
const EMBEDDING = "model.embed_tokens.weight";
const READOUT = "lm_head.weight";

/** Tables that old versions of `transformers` saved although they follow from the config. */
const DERIVED = /\.rotary_emb\.inv_freq$/;

export interface WeightFiles {
  /** As many as {@link parameterShapes} names, of these shapes, all finite. */
  readonly tensors: Map<string, Tensor>;
  /** Names of the files read, within the folder. */
  readonly files: readonly string[];
}

/** @throws {ModelFileError} naming the tensor that is missing, unexpected, of another shape or not finite. */
export async function readWeightFiles(folder: string, config: TransformerConfig): Promise<WeightFiles> {
  const { files, placed } = await locate(folder);
  const shapes = parameterShapes(config);
  const found = new Map<string, string>();
  for (const file of files) {
    const path = join(folder, file);
    for (const { name, shape } of (await readSafetensorsHeader(path)).entries) {
      if (placed && placed.get(name) !== file) continue;
      if (found.has(name)) throw wrong(path, name, "a tensor in one file only", `it in ${found.get(name)}, too`);
      found.set(name, file);
      if (DERIVED.test(name) || isTiedReadout(name, config)) continue;
      const expected = shapes.get(name);
      if (!expected) throw wrong(path, name, `only tensors of a ${config.modelType} model of this config`, "it");
      if (shape.join() !== expected.join())
        throw wrong(path, name, `the shape ${shown(expected)}, as config.json says`, shown(shape));
    }
  }
  const missing = [...shapes.keys(), ...(placed?.keys() ?? [])].filter((name) => !found.has(name));
  if (missing[0] !== undefined) {
    const place = join(folder, placed ? INDEX : SINGLE);
    throw wrong(
      place,
      missing[0],
      "a tensor",
      missing.length === 1 ? "none" : `none, and ${missing.length - 1} more are missing`,
    );
  }
  const tensors = new Map<string, Tensor>();
  for (const file of files) {
    const wanted = (name: string): boolean => found.get(name) === file && !DERIVED.test(name);
    for (const [name, tensor] of (await readSafetensors(join(folder, file), wanted)).tensors) {
      checkFinite(join(folder, file), name, tensor);
      tensors.set(name, tensor);
    }
  }
  if (config.tied) dropTiedReadout(tensors, join(folder, found.get(READOUT) ?? SINGLE));
  return { tensors, files: placed ? [INDEX, ...files] : files };
}

async function locate(folder: string): Promise<{ files: string[]; placed?: ReadonlyMap<string, string> }> {
  const single = await access(join(folder, SINGLE)).then(
    () => true,
    () => false,
  );
  if (single) return { files: [SINGLE] };
  const path = join(folder, INDEX);
  const index = await readJsonIfPresent(path, 2 ** 25);
  const cure = "Save the model as safetensors (save_pretrained writes it).";
  if (index === undefined)
    throw new ModelFileError({ file: folder, expected: `${SINGLE} or ${INDEX}`, found: "neither", cure });
  const map = typeof index === "object" && index !== null && "weight_map" in index ? index.weight_map : undefined;
  if (typeof map !== "object" || map === null || Array.isArray(map)) {
    throw new ModelFileError({
      file: path,
      subject: "weight_map",
      expected: "an object: tensor → file",
      found: shown(map),
      cure,
    });
  }
  const placed = new Map<string, string>();
  for (const [name, file] of Object.entries(map)) {
    if (typeof file !== "string" || !/^[\w-][\w.-]*\.safetensors$/.test(file)) {
      throw new ModelFileError({
        file: path,
        subject: `weight_map, ${shown(name)}`,
        expected: "the name of a safetensors file in the same folder",
        found: shown(file),
        cure,
      });
    }
    placed.set(name, file);
  }
  return { files: [...new Set(placed.values())].toSorted(), placed };
}

function isTiedReadout(name: string, config: TransformerConfig): boolean {
  return name === READOUT && config.tied;
}

/** Some files hold the tied read-out a second time; it must then be the embedding. */
function dropTiedReadout(tensors: Map<string, Tensor>, path: string): void {
  const readout = tensors.get(READOUT)?.data;
  const embedding = tensors.get(EMBEDDING)?.data;
  tensors.delete(READOUT);
  if (!readout || !embedding) return;
  const same = readout.length === embedding.length && readout.every((value, i) => value === embedding[i]);
  if (!same) throw wrong(path, READOUT, "the embedding, since config.json ties them", "other values");
}

function checkFinite(path: string, name: string, { data }: Tensor): void {
  const bad = firstNotFinite(data);
  if (bad !== undefined) throw wrong(path, name, "finite numbers", `${data[bad]} at element ${bad}`);
}

function wrong(file: string, name: string, expected: string, found: string): ModelFileError {
  const cure = "The weights do not belong to this config.json, or are damaged: download or save the model again.";
  return new ModelFileError({ file, subject: `tensor ${shown(name)}`, expected, found, cure });
}
