/**
 * LoRA adapters on disk in the layout of the Python library PEFT: `adapter_config.json` and
 * `adapter_model.safetensors`. The weight W [out, in] of a module becomes W + scale · B A.
 */
import { join } from "node:path";
import type { Adapter, AdapterConfig, AdapterModule } from "../../capabilities/index.js";
import { writeJson, makeFolder, readJson } from "../../store/index.js";
import { adapterConfigFromJson, adapterConfigToJson, type AdapterTarget } from "./adapter-config.js";
import { parameterShapes, type TransformerConfig } from "./config.js";
import { ModelFileError, shown } from "./model-file-error.js";
import { readSafetensors, writeSafetensors, type Tensor } from "./safetensors.js";

const WEIGHTS = "adapter_model.safetensors";
const CONFIG = "adapter_config.json";
const PREFIX = "base_model.model.";
const ATTENTION: ReadonlySet<AdapterTarget> = new Set(["q_proj", "k_proj", "v_proj", "o_proj", "qkv_proj"]);

/** As Hugging Face names it: the name of its weight without `.weight`. */
export const moduleName = (layer: number, target: AdapterTarget): string =>
  `model.layers.${layer}.${ATTENTION.has(target) ? "self_attn" : "mlp"}.${target}`;

/** What B A is multiplied with: alpha / rank, or alpha / √rank when rank-stabilised. */
export function adapterScale({
  alpha,
  rank,
  rankStabilized,
}: Pick<AdapterConfig, "alpha" | "rank" | "rankStabilized">): number {
  return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
}

/**
 * The modules an adapter reaches: name → [out, in] of the weight.
 * @throws {RangeError} when a target or layer is not in the model.
 */
export function adapterShapes(
  { targets, layers }: Pick<AdapterConfig, "targets" | "layers">,
  config: TransformerConfig,
): Map<string, readonly [number, number]> {
  const shapes = new Map<string, readonly [number, number]>();
  const wanted = layers ?? Array.from({ length: config.layers }, (_, layer) => layer);
  const weights = parameterShapes(config);
  for (const layer of wanted) {
    if (layer >= config.layers)
      throw new RangeError(`the adapter names layer ${layer}, the model has layers 0 to ${config.layers - 1}`);
    for (const target of targets) {
      const name = moduleName(layer, target);
      const [out, input] = weights.get(`${name}.weight`) ?? [];
      if (out === undefined || input === undefined) throw new RangeError(`the model has no module "${target}"`);
      shapes.set(name, [out, input]);
    }
  }
  return shapes;
}

/**
 * @param config of the model that the adapter is for.
 * @throws {ModelFileError} when the files are not sound, not plain LoRA, or for another model.
 */
export async function readAdapter(folder: string, config: TransformerConfig): Promise<Adapter> {
  const configFile = join(folder, CONFIG);
  const adapter = adapterConfigFromJson(
    await readJson(configFile, 2 ** 22, "Give the folder that PEFT's save_pretrained wrote."),
    configFile,
  );
  const file = join(folder, WEIGHTS);
  const wrong = (where: string, subject: string, expected: string, found: string): ModelFileError =>
    new ModelFileError({
      file: where,
      subject,
      expected,
      found,
      cure: "Use an adapter that was trained on this model, saved with PEFT.",
    });
  let reached: ReturnType<typeof adapterShapes>;
  try {
    reached = adapterShapes(adapter, config);
  } catch (error) {
    if (error instanceof RangeError)
      throw wrong(configFile, "target_modules, layers_to_transform", "modules of the model", error.message);
    throw error;
  }
  const expected = new Map<string, readonly [number, number]>();
  for (const [name, [out, input]] of reached) {
    expected.set(`${PREFIX}${name}.lora_A.weight`, [adapter.rank, input]);
    expected.set(`${PREFIX}${name}.lora_B.weight`, [out, adapter.rank]);
  }
  const { tensors } = await readSafetensors(file);
  for (const [name, { shape, data }] of tensors) {
    const wanted = expected.get(name);
    const subject = `tensor ${shown(name)}`;
    if (!wanted) throw wrong(file, subject, `only lora_A and lora_B of the modules in ${CONFIG}`, "it");
    if (shape.join() !== wanted.join()) throw wrong(file, subject, `the shape ${shown(wanted)}`, shown(shape));
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw wrong(file, subject, "finite numbers", `${data[bad]} at element ${bad}`);
  }
  const take = (name: string): Tensor => {
    const tensor = tensors.get(name);
    if (!tensor) throw wrong(file, `tensor ${shown(name)}`, "a tensor", "none");
    return tensor;
  };
  const modules = new Map<string, AdapterModule>();
  for (const name of reached.keys()) {
    modules.set(name, { a: take(`${PREFIX}${name}.lora_A.weight`), b: take(`${PREFIX}${name}.lora_B.weight`) });
  }
  return { ...adapter, modules };
}

/**
 * Writes both files, each atomically, the config last.
 * @param config of the model that the adapter is for.
 * @throws {RangeError} when the modules are not those that `targets` and `layers` name, or have other shapes.
 */
export async function writeAdapter(folder: string, adapter: Adapter, config: TransformerConfig): Promise<void> {
  const reached = adapterShapes(adapter, config);
  const surplus = [...adapter.modules.keys()].find((name) => !reached.has(name));
  if (surplus !== undefined)
    throw new RangeError(`writeAdapter: "${surplus}" is not among the targets and layers of the adapter`);
  const tensors = new Map<string, Tensor>();
  for (const [name, [out, input]] of reached) {
    const found = adapter.modules.get(name);
    const shapes = `${found?.a.shape.join()} ${found?.b.shape.join()}`;
    if (!found || shapes !== `${adapter.rank},${input} ${out},${adapter.rank}`) {
      throw new RangeError(
        `writeAdapter: "${name}" needs A [${adapter.rank}, ${input}] and B [${out}, ${adapter.rank}], found ${found ? shapes : "nothing"}`,
      );
    }
    tensors.set(`${PREFIX}${name}.lora_A.weight`, found.a);
    tensors.set(`${PREFIX}${name}.lora_B.weight`, found.b);
  }
  await makeFolder(folder);
  await writeSafetensors(join(folder, WEIGHTS), tensors, { format: "pt" });
  await writeJson(join(folder, CONFIG), adapterConfigToJson(adapter));
}
