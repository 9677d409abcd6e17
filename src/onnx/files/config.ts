/**
 * The shape of a decoder-only transformer, read from and written to Hugging Face's `config.json`. What is special about
 * an architecture is in its own file; everything here holds for all of them.
 */
import { z } from "zod";
import { ARCHITECTURES, architectureOf, type TransformerConfig } from "../architectures/index.js";
import { ModelFileError, shown } from "./model-file-error.js";

export type { TransformerConfig };

const whole = (low: number, high: number) => z.number().int().min(low).max(high);
const tokenId = whole(0, 2 ** 20 - 1);

const ropeKind = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: z.number().optional(),
});

const schema = z.looseObject({
  model_type: z.enum(ARCHITECTURES.map(({ modelType }) => modelType)),
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
  const architecture = architectureOf(raw.model_type);
  const refused = architecture.refuse(raw);
  if (refused) throw refuse(refused.key, refused.expected, refused.found, refused.cure);
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
    qkvBias: architecture.qkvBias,
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
      ? `askew opens ${titles("and")} models: use one of these.`
      : value === undefined
        ? "Add the key: the file comes with the model's weights."
        : `Correct the value, or use a ${titles("or")} model that has it.`;
  return new ModelFileError({
    file,
    ...(key === "" ? {} : { subject: key }),
    expected: expectation(issue),
    found: shown(value),
    cure,
  });
}

function titles(word: "and" | "or"): string {
  const names = ARCHITECTURES.map(({ title }) => title);
  return [names.slice(0, -1).join(", "), names.at(-1)].filter((part) => part !== "").join(` ${word} `);
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
  const { className, ownKeys } = architectureOf(config.modelType);
  return {
    architectures: [className],
    ...ownKeys,
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
export const parameterShapes = (config: TransformerConfig): Map<string, number[]> =>
  architectureOf(config.modelType).shapes(config);

/** Parameters of a model; a tied read-out counts once. */
export function parameterCount(config: TransformerConfig): number {
  let total = 0;
  for (const shape of parameterShapes(config).values()) total += shape.reduce((product, n) => product * n, 1);
  return total;
}
