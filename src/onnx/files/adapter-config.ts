/** PEFT's `adapter_config.json`, as far as it describes plain LoRA on the matrices of a transformer's layers. */
import { z } from "zod";
import type { AdapterConfig } from "../../capabilities/index.js";
import { ModelFileError, shown } from "./model-file-error.js";

export const ADAPTER_TARGETS = [
  "q_proj",
  "k_proj",
  "v_proj",
  "o_proj",
  "gate_proj",
  "up_proj",
  "down_proj",
  "qkv_proj",
  "gate_up_proj",
] as const;
export type AdapterTarget = (typeof ADAPTER_TARGETS)[number];

const layer = z.number().int().min(0).max(511);
const empty = (what: string) =>
  z
    .record(z.string(), z.unknown())
    .nullish()
    .refine((value) => !value || Object.keys(value).length === 0, { message: `no ${what}` });

const schema = z.looseObject({
  peft_type: z.literal("LORA"),
  r: z.number().int().min(1).max(4096),
  lora_alpha: z.number().gt(0).max(1e6),
  use_rslora: z.boolean().default(false),
  target_modules: z.array(z.enum(ADAPTER_TARGETS)).min(1).max(ADAPTER_TARGETS.length),
  layers_to_transform: z.union([layer, z.array(layer).min(1).max(512)]).nullish(),
  base_model_name_or_path: z.string().max(4096).nullish(),
  bias: z.literal("none").default("none"),
  lora_bias: z.literal(false).default(false),
  use_dora: z.literal(false).default(false),
  fan_in_fan_out: z.literal(false).default(false),
  modules_to_save: z.array(z.string()).max(0).nullish(),
  exclude_modules: z.null().optional(),
  rank_pattern: empty("ranks by module"),
  alpha_pattern: empty("alphas by module"),
  // Other ways to start (PiSSA, OLoRA, LoftQ) change the weights of the base model, which are not in these files.
  init_lora_weights: z.union([z.boolean(), z.enum(["gaussian", "eva", "orthogonal"])]).default(true),
});

/** Keys that change nothing in what an adapter does once it is trained. */
const NOTES: ReadonlySet<string> = new Set([
  "auto_mapping",
  "corda_config",
  "eva_config",
  "inference_mode",
  "layers_pattern",
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
export function adapterConfigFromJson(json: unknown, file = "adapter_config.json"): AdapterConfig {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = issue?.path ?? [];
    let value: unknown = json;
    for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
    const cure = "askew reads plain LoRA on attention and MLP matrices: train or save the adapter so.";
    throw new ModelFileError({
      file,
      subject: path.join("."),
      expected: issue?.message ?? "a LoRA config",
      found: shown(value),
      cure,
    });
  }
  const raw = parsed.data;
  const unknown = Object.keys(raw).find((key) => !(key in schema.shape) && !NOTES.has(key) && !unused(raw[key]));
  if (unknown !== undefined) {
    const cure = "askew reads plain LoRA on attention and MLP matrices: train or save the adapter so.";
    const expected = "only keys of plain LoRA";
    throw new ModelFileError({ file, subject: unknown, expected, found: shown(raw[unknown]), cure });
  }
  const layers = typeof raw.layers_to_transform === "number" ? [raw.layers_to_transform] : raw.layers_to_transform;
  for (const [key, list] of [
    ["target_modules", raw.target_modules],
    ["layers_to_transform", layers ?? []],
  ] as const) {
    if (new Set<unknown>(list).size < list.length) {
      throw new ModelFileError({
        file,
        subject: key,
        expected: "every entry once",
        found: shown(list),
        cure: "Take the double out.",
      });
    }
  }
  return {
    rank: raw.r,
    alpha: raw.lora_alpha,
    rankStabilized: raw.use_rslora,
    targets: raw.target_modules,
    ...(layers && { layers }),
    base: raw.base_model_name_or_path ?? "",
  };
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
