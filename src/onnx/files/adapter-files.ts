/**
 * LoRA adapters on disk in the layout of the Python library PEFT: `adapter_config.json` and
 * `adapter_model.safetensors`. The weight W [out, in] of a module becomes W + scale · B A.
 */
import { join } from "node:path";
import type { Adapter, AdapterModule } from "../../capabilities/index.js";
import { writeJson, makeFolder, readJson } from "../../store/index.js";
import { adapterConfigFromJson, adapterConfigToJson } from "./adapter-config.js";
import { selectedModules } from "./adapter-modules.js";
import { adapterShapes } from "./adapter-shapes.js";
import type { TransformerConfig } from "./config.js";
import { ModelFileError, shown } from "./model-file-error.js";
import { readSafetensors, writeSafetensors, type Tensor } from "./safetensors.js";
import { uniformAdapter } from "./uniform-adapter.js";

const WEIGHTS = "adapter_model.safetensors";
const CONFIG = "adapter_config.json";
const PREFIX = "base_model.model.";

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
  const selected = selectedModules(adapter, config, configFile);
  const file = join(folder, WEIGHTS);
  const wrong = (subject: string, expected: string, found: string): ModelFileError =>
    new ModelFileError({
      file,
      subject,
      expected,
      found,
      cure: "Use an adapter that was trained on this model, saved with PEFT.",
    });
  const expected = new Map<string, readonly [number, number]>();
  for (const [name, { rank, shape }] of selected) {
    expected.set(`${PREFIX}${name}.lora_A.weight`, [rank, shape[1]]);
    expected.set(`${PREFIX}${name}.lora_B.weight`, [shape[0], rank]);
  }
  const { tensors } = await readSafetensors(file);
  for (const [name, { shape, data }] of tensors) {
    const wanted = expected.get(name);
    const subject = `tensor ${shown(name)}`;
    if (!wanted) throw wrong(subject, `only lora_A and lora_B of the modules in ${CONFIG}`, "it");
    if (shape.join() !== wanted.join()) throw wrong(subject, `the shape ${shown(wanted)}`, shown(shape));
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw wrong(subject, "finite numbers", `${data[bad]} at element ${bad}`);
  }
  const take = (name: string): Tensor => {
    const tensor = tensors.get(name);
    if (!tensor) throw wrong(`tensor ${shown(name)}`, "a tensor", "none");
    return tensor;
  };
  const modules = new Map<string, AdapterModule>();
  for (const name of selected.keys()) {
    modules.set(name, { a: take(`${PREFIX}${name}.lora_A.weight`), b: take(`${PREFIX}${name}.lora_B.weight`) });
  }
  return uniformAdapter(adapter, selected, modules, config);
}

/**
 * Writes both files, each atomically, the config last.
 * @param config of the model that the adapter is for.
 * @throws {RangeError} when the modules are not those that `targets` and `layers` name, or have other shapes.
 */
export const writeAdapter = (folder: string, adapter: Adapter, config: TransformerConfig): Promise<void> =>
  writeAdapterFiles(folder, adapter, adapterShapes(adapter, config));

/** The same for a model of which only the shapes of the modules are known, [out, in]. */
export async function writeAdapterFiles(
  folder: string,
  adapter: Adapter,
  reached: ReadonlyMap<string, readonly [number, number]>,
): Promise<void> {
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
