/** PEFT's `adapter_config.json`, as far as it describes plain LoRA on the matrices of a transformer's layers. */
import { z } from "zod";
import type { AdapterConfig } from "../../capabilities/index.js";
import { ModelFileError, shown } from "./model-file-error.js";

/** What the file says; which modules of a model that means is found out beside the model. */
export interface AdapterFile {
  readonly rank: number;
  readonly alpha: number;
  readonly rankStabilized: boolean;
  /** Names or ends of names of modules, `all-linear`, or a regular expression of Python's for whole names. */
  readonly targets: string | readonly string[];
  readonly excluded?: string | readonly string[];
  /** From 0; undefined for all. */
  readonly layers?: readonly number[];
  /** What stands before the number of a layer in a name. */
  readonly layersPattern?: readonly string[];
  /** Patterns of names → rank or alpha of a module. */
  readonly ranks: Readonly<Record<string, number>>;
  readonly alphas: Readonly<Record<string, number>>;
  /** The model it was trained on, as a path or a name. */
  readonly base: string;
}

const LONGEST_PATTERN = 4096;
const layer = z.number().int().min(0).max(511);
const name = z.string().min(1).max(256);
const names = z.array(name).max(8192);
const rankValue = z.number().int().min(1).max(4096);
const alphaValue = z.number().gt(0).max(1e6);
const modules = z.union([z.string().min(1).max(LONGEST_PATTERN), names.min(1)], {
  error: "expected names of modules, all-linear, or a regular expression",
});
const byPattern = (value: z.ZodNumber) => z.record(z.string().min(1).max(256), value).nullish();

const schema = z.looseObject({
  peft_type: z.literal("LORA"),
  r: rankValue,
  lora_alpha: alphaValue,
  use_rslora: z.boolean().default(false),
  target_modules: modules,
  exclude_modules: z.union([z.string().max(LONGEST_PATTERN), names]).nullish(),
  layers_to_transform: z.union([layer, z.array(layer).max(512)]).nullish(),
  layers_pattern: z.union([z.string().max(256), z.array(z.string().max(256)).max(16)]).nullish(),
  base_model_name_or_path: z.string().max(4096).nullish(),
  bias: z.literal("none").default("none"),
  lora_bias: z.literal(false).default(false),
  use_dora: z.literal(false).default(false),
  fan_in_fan_out: z.literal(false).default(false),
  modules_to_save: z.array(z.string()).max(0).nullish(),
  rank_pattern: byPattern(rankValue),
  alpha_pattern: byPattern(alphaValue),
  // Other ways to start (PiSSA, OLoRA, LoftQ) change the weights of the base model, which are not in these files.
  init_lora_weights: z.union([z.boolean(), z.enum(["gaussian", "eva", "orthogonal"])]).default(true),
});

/** Keys that change nothing in what an adapter does once it is trained. */
const NOTES: ReadonlySet<string> = new Set([
  "auto_mapping",
  "corda_config",
  "eva_config",
  "inference_mode",
  "lora_dropout",
  "megatron_core",
  "peft_version",
  "qalora_group_size",
  "revision",
  "task_type",
]);

/** What PEFT writes where a key is not used. */
function unused(value: unknown): boolean {
  if (value === null || value === undefined || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** @throws {ModelFileError} naming the key. */
export function adapterConfigFromJson(json: unknown, file = "adapter_config.json"): AdapterFile {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = issue?.path ?? [];
    let value: unknown = json;
    for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
    throw wrong(file, path.join("."), issue?.message ?? "a LoRA config", value);
  }
  const raw = parsed.data;
  const unknown = Object.keys(raw).find((key) => !(key in schema.shape) && !NOTES.has(key) && !unused(raw[key]));
  if (unknown !== undefined) throw wrong(file, unknown, "only keys of plain LoRA", raw[unknown]);
  const { target_modules: targets, exclude_modules: excluded, layers_pattern: before } = raw;
  const layers = typeof raw.layers_to_transform === "number" ? [raw.layers_to_transform] : raw.layers_to_transform;
  const hasLayers = layers !== null && layers !== undefined && layers.length > 0;
  if (hasLayers && typeof targets === "string") {
    throw wrong(file, "layers_to_transform", "none beside a pattern in target_modules", layers);
  }
  for (const [key, list] of [
    ["target_modules", targets],
    ["layers_to_transform", layers ?? []],
  ] as const) {
    if (typeof list !== "string" && new Set<unknown>(list).size < list.length) {
      const cure = "Take the double out.";
      throw new ModelFileError({ file, subject: key, expected: "every entry once", found: shown(list), cure });
    }
  }
  return {
    rank: raw.r,
    alpha: raw.lora_alpha,
    rankStabilized: raw.use_rslora,
    targets,
    ...(excluded !== null && excluded !== undefined && excluded.length > 0 && { excluded }),
    ...(hasLayers && { layers }),
    ...(before !== null && before !== undefined && before.length > 0 && { layersPattern: [before].flat() }),
    ranks: raw.rank_pattern ?? {},
    alphas: raw.alpha_pattern ?? {},
    base: raw.base_model_name_or_path ?? "",
  };
}

function wrong(file: string, subject: string, expected: string, found: unknown): ModelFileError {
  const cure = "askew reads plain LoRA on attention and MLP matrices: train or save the adapter so.";
  return new ModelFileError({ file, subject, expected, found: shown(found), cure });
}

export function adapterConfigToJson({
  rank,
  alpha,
  rankStabilized,
  targets,
  layers,
  base,
}: AdapterConfig): Record<string, unknown> {
  return {
    base_model_name_or_path: base,
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    layers_pattern: null,
    layers_to_transform: layers ? [...layers] : null,
    lora_alpha: alpha,
    lora_dropout: 0,
    modules_to_save: null,
    peft_type: "LORA",
    r: rank,
    revision: null,
    target_modules: [...targets],
    task_type: "CAUSAL_LM",
    use_rslora: rankStabilized,
  };
}
