/**
 * The shape of a decoder-only transformer, read from and written to Hugging Face's `config.json`.
 * Llama and Qwen2 differ only in the bias of q, k and v; everything else here holds for both.
 */
import { z } from "zod";
import { ModelFileError, shown } from "./model-file-error.js";

export interface TransformerConfig {
  readonly modelType: "llama" | "qwen2";
  readonly vocabSize: number;
  /** Width of the residual stream. */
  readonly width: number;
  readonly layers: number;
  /** Query heads; a multiple of `keyValueHeads`. */
  readonly heads: number;
  readonly keyValueHeads: number;
  /** Width of one head; even, for the rotary embedding. */
  readonly headDim: number;
  /** Width inside the MLP. */
  readonly hidden: number;
  /** Longest sequence in tokens. */
  readonly maxPositions: number;
  /** Added to the mean square in RMSNorm. */
  readonly epsilon: number;
  readonly ropeTheta: number;
  /** Whether the read-out is the embedding, transposed. */
  readonly tied: boolean;
  /** Whether q, k and v have a bias. */
  readonly qkvBias: boolean;
  readonly bosId?: number;
  /** Any of these ends an answer; may be empty. */
  readonly eosIds: readonly number[];
}

const whole = (low: number, high: number) => z.number().int().min(low).max(high);
const tokenId = whole(0, 2 ** 20 - 1);

const ropeKind = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: z.number().optional(),
});

const schema = z.looseObject({
  model_type: z.enum(["llama", "qwen2"]),
  vocab_size: whole(1, 2 ** 20),
  hidden_size: whole(1, 2 ** 16),
  num_hidden_layers: whole(1, 512),
  num_attention_heads: whole(1, 1024),
  num_key_value_heads: whole(1, 1024).nullish(),
  head_dim: whole(2, 1024).nullish(),
  intermediate_size: whole(1, 2 ** 18),
  max_position_embeddings: whole(1, 2 ** 24),
  rms_norm_eps: z.number().gt(0).max(0.1).default(1e-6),
  rope_theta: z.number().min(1).max(1e12).optional(),
  rope_parameters: ropeKind.nullish(),
  rope_scaling: ropeKind.nullish(),
  hidden_act: z.literal("silu").default("silu"),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.literal(false).default(false),
  use_sliding_window: z.literal(false).default(false),
  layer_types: z.array(z.literal("full_attention")).nullish(),
  bos_token_id: tokenId.nullish(),
  eos_token_id: z.union([tokenId, z.array(tokenId).max(64)]).nullish(),
});

/** Largest model that is opened, in parameters. */
const MOST_PARAMETERS = 2 ** 34;

/**
 * Reads the parsed JSON of a `config.json`.
 * @param file named in errors; default `config.json`.
 * @throws {ModelFileError} naming the key, what was expected and what was found.
 */
export function configFromJson(json: unknown, file = "config.json"): TransformerConfig {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw schemaError(json, file, parsed.error.issues[0]);
  const raw = parsed.data;
  const refuse = (subject: string, expected: string, found: unknown, cure: string): ModelFileError =>
    new ModelFileError({ file, subject, expected, found: shown(found), cure });

  for (const key of ["rope_scaling", "rope_parameters"] as const) {
    const rope = raw[key];
    const kind = rope?.rope_type ?? rope?.type ?? (rope && key === "rope_scaling" ? "an unnamed kind" : "default");
    if (kind !== "default") {
      throw refuse(
        key,
        "none (plain rotary embeddings)",
        kind,
        "askew cannot stretch positions: use a model without rope scaling.",
      );
    }
  }
  if (raw.attention_bias && raw.model_type === "llama") {
    throw refuse(
      "attention_bias",
      "false",
      true,
      "askew has no bias on the output projection: use a model without it, or a Qwen2 model.",
    );
  }
  const heads = raw.num_attention_heads;
  const keyValueHeads = raw.num_key_value_heads ?? heads;
  if (heads % keyValueHeads !== 0) {
    throw refuse(
      "num_key_value_heads",
      `a divisor of num_attention_heads (${heads})`,
      keyValueHeads,
      "Correct the config.",
    );
  }
  const headDim = raw.head_dim ?? raw.hidden_size / heads;
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
    throw refuse(
      "head_dim",
      "an even whole number (hidden_size / num_attention_heads)",
      headDim,
      "Correct the config.",
    );
  }
  const ropeTheta = raw.rope_theta ?? raw.rope_parameters?.rope_theta ?? 10000;
  if (!(ropeTheta >= 1 && ropeTheta <= 1e12))
    throw refuse("rope_theta", "a number from 1 to 1e12", ropeTheta, "Correct the config.");
  if (raw.layer_types && raw.layer_types.length !== raw.num_hidden_layers) {
    throw refuse(
      "layer_types",
      `${raw.num_hidden_layers} entries, one a layer`,
      raw.layer_types.length,
      "Correct the config.",
    );
  }
  const eosIds = typeof raw.eos_token_id === "number" ? [raw.eos_token_id] : (raw.eos_token_id ?? []);
  for (const id of [...eosIds, raw.bos_token_id ?? 0]) {
    if (id >= raw.vocab_size)
      throw refuse("eos_token_id, bos_token_id", `ids below vocab_size (${raw.vocab_size})`, id, "Correct the config.");
  }
  const config: TransformerConfig = {
    modelType: raw.model_type,
    vocabSize: raw.vocab_size,
    width: raw.hidden_size,
    layers: raw.num_hidden_layers,
    heads,
    keyValueHeads,
    headDim,
    hidden: raw.intermediate_size,
    maxPositions: raw.max_position_embeddings,
    epsilon: raw.rms_norm_eps,
    ropeTheta,
    tied: raw.tie_word_embeddings,
    qkvBias: raw.model_type === "qwen2",
    ...(raw.bos_token_id == null ? {} : { bosId: raw.bos_token_id }),
    eosIds,
  };
  const parameters = parameterCount(config);
  if (parameters > MOST_PARAMETERS) {
    throw refuse("the model", `at most ${MOST_PARAMETERS} parameters`, parameters, "Use a smaller model.");
  }
  return config;
}

function schemaError(json: unknown, file: string, issue: z.core.$ZodIssue | undefined): ModelFileError {
  const path = issue?.path ?? [];
  let value: unknown = json;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  const key = path.join(".");
  const cure =
    key === "model_type"
      ? "askew opens Llama and Qwen2 models: use one of these."
      : value === undefined
        ? "Add the key: the file comes with the model's weights."
        : "Correct the value, or use a Llama or Qwen2 model that has it.";
  return new ModelFileError({
    file,
    ...(key === "" ? {} : { subject: key }),
    expected: expectation(issue),
    found: shown(value),
    cure,
  });
}

function expectation(issue: z.core.$ZodIssue | undefined): string {
  if (!issue) return "a config";
  if (issue.code === "invalid_type")
    return issue.expected === "object" ? "an object" : `a value of type ${issue.expected}`;
  if (issue.code === "invalid_value") return issue.values.map((value) => JSON.stringify(value)).join(" or ");
  if (issue.code === "too_small") return `at least ${issue.minimum}`;
  if (issue.code === "too_big") return `at most ${issue.maximum}`;
  return issue.message;
}

/** The `config.json` of a model, as the Python library `transformers` opens it. */
export function configToJson(config: TransformerConfig): Record<string, unknown> {
  const { eosIds, bosId } = config;
  return {
    architectures: [config.modelType === "qwen2" ? "Qwen2ForCausalLM" : "LlamaForCausalLM"],
    ...(config.modelType === "llama" ? { attention_bias: false, mlp_bias: false } : { use_sliding_window: false }),
    attention_dropout: 0,
    bos_token_id: bosId ?? null,
    eos_token_id: eosIds.length === 0 ? null : eosIds.length === 1 ? eosIds[0] : [...eosIds],
    head_dim: config.headDim,
    hidden_act: "silu",
    hidden_size: config.width,
    initializer_range: 0.02,
    intermediate_size: config.hidden,
    max_position_embeddings: config.maxPositions,
    model_type: config.modelType,
    num_attention_heads: config.heads,
    num_hidden_layers: config.layers,
    num_key_value_heads: config.keyValueHeads,
    rms_norm_eps: config.epsilon,
    rope_scaling: null,
    rope_theta: config.ropeTheta,
    tie_word_embeddings: config.tied,
    torch_dtype: "float32",
    use_cache: true,
    vocab_size: config.vocabSize,
  };
}

/** Hugging Face tensor name → shape, in the order of the forward pass. Matrices are [out, in]. */
export function parameterShapes(config: TransformerConfig): Map<string, number[]> {
  const { vocabSize, width, hidden, headDim } = config;
  const query = config.heads * headDim;
  const keyValue = config.keyValueHeads * headDim;
  const shapes = new Map<string, number[]>([["model.embed_tokens.weight", [vocabSize, width]]]);
  for (let layer = 0; layer < config.layers; layer++) {
    const at = `model.layers.${layer}`;
    shapes.set(`${at}.input_layernorm.weight`, [width]);
    for (const [name, rows] of [
      ["q", query],
      ["k", keyValue],
      ["v", keyValue],
    ] as const) {
      shapes.set(`${at}.self_attn.${name}_proj.weight`, [rows, width]);
      if (config.qkvBias) shapes.set(`${at}.self_attn.${name}_proj.bias`, [rows]);
    }
    shapes.set(`${at}.self_attn.o_proj.weight`, [width, query]);
    shapes.set(`${at}.post_attention_layernorm.weight`, [width]);
    shapes.set(`${at}.mlp.gate_proj.weight`, [hidden, width]);
    shapes.set(`${at}.mlp.up_proj.weight`, [hidden, width]);
    shapes.set(`${at}.mlp.down_proj.weight`, [width, hidden]);
  }
  shapes.set("model.norm.weight", [width]);
  if (!config.tied) shapes.set("lm_head.weight", [vocabSize, width]);
  return shapes;
}

/** Parameters of a model; a tied read-out counts once. */
export function parameterCount(config: TransformerConfig): number {
  let total = 0;
  for (const shape of parameterShapes(config).values()) total += shape.reduce((product, n) => product * n, 1);
  return total;
}
