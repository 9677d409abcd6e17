/**
 * The shape of a decoder-only transformer, read from Hugging Face's `config.json`. What is special about an architecture
 * is in its own file; everything here holds for all of them. Every key is used, known to change nothing, or refused.
 */
import { z } from "zod";
import {
  ARCHITECTURES,
  architectureOf,
  isRefusal,
  stackedParameters,
  type Architecture,
  type Refusal,
  type TransformerConfig,
} from "../architectures/index.js";
import { packing, unknownKey } from "./config-keys.js";
import { readRope, ROPE_KEYS } from "./config-rope.js";
import { ModelFileError, shown } from "./model-file-error.js";

export type { TransformerConfig };
export { configToJson } from "./config-write.js";

const whole = (low: number, high: number) => z.number().int().min(low).max(high);
const tokenId = whole(0, 2 ** 20 - 1);

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
  rms_norm_eps: z.number().gt(0).max(0.1).optional(),
  rope_theta: z.number().min(1).max(1e12).nullish(),
  tie_word_embeddings: z.boolean().optional(),
  bos_token_id: tokenId.nullish(),
  eos_token_id: z.union([tokenId, z.array(tokenId).max(64)]).nullish(),
});

const SHARED_KEYS: readonly string[] = [...Object.keys(schema.shape), ...ROPE_KEYS];

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
  const architecture = architectureOf(raw.model_type);
  const { defaults } = architecture;
  const refuse = (subject: string, expected: string, found: unknown, cure: string): ModelFileError =>
    new ModelFileError({ file, subject, expected, found: shown(found), cure });
  const packed = packing(raw["quantization_config"]);
  if (packed !== undefined) {
    const cure =
      "askew reads weights of 16 or 32 bits, and packed ones as GGUF: use the original model or its GGUF file.";
    throw refuse("quantization_config", "none", packed, cure);
  }
  const values = withoutWholeRotation(raw);
  const wrong = wrongKey(values, architecture);
  if (wrong) throw refuse(wrong.key, wrong.expected, wrong.found, wrong.cure);

  const heads = raw.num_attention_heads;
  const keyValueHeads = raw.num_key_value_heads ?? heads;
  if (heads % keyValueHeads !== 0) {
    const expected = `a divisor of num_attention_heads (${heads})`;
    throw refuse("num_key_value_heads", expected, keyValueHeads, "Correct the config.");
  }
  const headDim =
    raw.head_dim ?? (raw["head_dim"] === undefined ? defaults.headDim : undefined) ?? raw.hidden_size / heads;
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
    const expected = "an even whole number (hidden_size / num_attention_heads)";
    throw refuse("head_dim", expected, headDim, "Correct the config.");
  }
  const own = readOwn(values, architecture, file);
  const eosIds = typeof raw.eos_token_id === "number" ? [raw.eos_token_id] : (raw.eos_token_id ?? []);
  for (const id of [...eosIds, raw.bos_token_id ?? 0]) {
    if (id >= raw.vocab_size)
      throw refuse("eos_token_id, bos_token_id", `ids below vocab_size (${raw.vocab_size})`, id, "Correct the config.");
  }
  const shared = {
    modelType: raw.model_type,
    vocabSize: raw.vocab_size,
    width: raw.hidden_size,
    layers: raw.num_hidden_layers,
    heads,
    keyValueHeads,
    headDim,
    hidden: raw.intermediate_size,
    maxPositions: raw.max_position_embeddings,
    epsilon: raw.rms_norm_eps ?? defaults.epsilon,
    tied: raw.tie_word_embeddings ?? defaults.tied,
    qkvBias: architecture.qkvBias,
    ...(raw.bos_token_id == null ? {} : { bosId: raw.bos_token_id }),
    eosIds,
  };
  const special = architecture.ownKeys.read(own, shared);
  if (isRefusal(special)) throw refuse(special.key, special.expected, special.found, special.cure);
  const rope = readRope({
    json: raw,
    maxPositions: raw.max_position_embeddings,
    half: (special.rotaryDim ?? headDim) / 2,
    defaultTheta: defaults.ropeTheta,
    olderNames: raw.model_type === "phi3",
  });
  if ("cure" in rope) throw refuse(rope.subject, rope.expected, rope.found, rope.cure);
  const config: TransformerConfig = {
    ...shared,
    ...special,
    ...rope,
    maxPositions: readable(shared.maxPositions, rope),
  };
  const parameters = parameterCount(config);
  if (parameters > MOST_PARAMETERS) {
    throw refuse("the model", `at most ${MOST_PARAMETERS} parameters`, parameters, "Use a smaller model.");
  }
  return config;
}

type Json = Readonly<Record<string, unknown>>;

/** Texts beyond the positions that the short factors are for would turn at other angles from their first token on. */
function readable(positions: number, { ropeScaling }: Pick<TransformerConfig, "ropeScaling">): number {
  return ropeScaling?.kind === "longrope" ? Math.min(positions, ropeScaling.originalPositions) : positions;
}

/** `partial_rotary_factor` may stand beside the rotary base or on its own; 1 says no more than nothing. */
function withoutWholeRotation(json: Json): Json {
  const rope = (json["rope_scaling"] ?? json["rope_parameters"]) as Json | null | undefined;
  const share = rope?.["partial_rotary_factor"] ?? json["partial_rotary_factor"];
  const { partial_rotary_factor: _share, ...rest } = json;
  return share === undefined || share === null || share === 1 ? rest : { ...rest, partial_rotary_factor: share };
}

/** A key that would change the network in a way that askew does not know. */
function wrongKey(json: Json, { title, ownKeys, activation }: Architecture): Refusal | undefined {
  const known = new Set([...SHARED_KEYS, ...Object.keys(ownKeys.shape), ...activation.keys, "quantization_config"]);
  const key = unknownKey(json, known);
  if (key !== undefined) {
    const cure = "askew does not know what it changes: take the key out if it changes nothing, or use another model.";
    return { key, expected: `only keys of a ${title} model that askew knows`, found: json[key], cure };
  }
  const other = activation.keys.find((name) => json[name] != null && json[name] !== activation.name);
  if (other === undefined) return undefined;
  const cure = `Correct the value, or use a ${titles("or")} model that has it.`;
  return { key: other, expected: JSON.stringify(activation.name), found: json[other], cure };
}

function readOwn(json: Json, { ownKeys }: Architecture, file: string): Json {
  const parsed = z.looseObject(ownKeys.shape).safeParse(json);
  if (!parsed.success) throw schemaError(json, file, parsed.error.issues[0]);
  return parsed.data;
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

/** Hugging Face tensor name → shape, in the order of the forward pass. Matrices are [out, in]. */
export const parameterShapes = (config: TransformerConfig): Map<string, readonly number[]> =>
  new Map(
    stackedParameters(config, architectureOf(config.modelType)).flatMap(({ parts }) =>
      parts.map(({ name, shape }) => [name, shape] as const),
    ),
  );

/** Parameters of a model; a tied read-out counts once. */
export function parameterCount(config: TransformerConfig): number {
  let total = 0;
  for (const shape of parameterShapes(config).values()) total += shape.reduce((product, n) => product * n, 1);
  return total;
}
