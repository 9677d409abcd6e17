/** What GGUF says of a model's shape, as the config.json that `transformers` would have of it. */
import type { GgufTensor } from "./header.js";
import type { Metadata } from "./metadata.js";

/** `general.architecture` → `model_type`. */
const MODEL_TYPES: Readonly<Record<string, string>> = {
  llama: "llama",
  qwen2: "qwen2",
  qwen3: "qwen3",
  gemma2: "gemma2",
  gemma3: "gemma3_text",
  olmo2: "olmo2",
  phi3: "phi3",
};

/** Keys below the architecture's name that are read here. */
const READ: ReadonlySet<string> = new Set([
  "block_count",
  "context_length",
  "embedding_length",
  "feed_forward_length",
  "vocab_size",
  "attention.head_count",
  "attention.head_count_kv",
  "attention.key_length",
  "attention.value_length",
  "attention.layer_norm_rms_epsilon",
  "attention.sliding_window",
  "attn_logit_softcapping",
  "final_logit_softcapping",
  "rope.dimension_count",
  "rope.freq_base",
  "rope.freq_base_swa",
  "rope.scale_linear",
  "rope.scaling.type",
  "rope.scaling.factor",
  "rope.scaling.attn_factor",
  "rope.scaling.original_context_length",
]);

/** Keys that change nothing in what is computed. */
const NOTES: ReadonlySet<string> = new Set(["rope.scaling.finetuned", "tensor_data_layout", "attention.causal"]);

/** Scaling factors of rotary wavelengths that the file holds as tensors, by name. */
export interface RopeFactors {
  readonly freqs?: ArrayLike<number>;
  readonly short?: ArrayLike<number>;
  readonly long?: ArrayLike<number>;
}

/** float32 numbers were decimal numbers before. */
const decimal = (x: number): number => Number(x.toPrecision(7));

export function ggufConfig(
  metadata: Metadata,
  tensors: ReadonlyMap<string, GgufTensor>,
  factors: RopeFactors,
): Record<string, unknown> {
  const name = metadata.text("general.architecture");
  const modelType = name === undefined ? undefined : MODEL_TYPES[name];
  if (name === undefined || modelType === undefined) {
    const known = Object.keys(MODEL_TYPES).join(", ");
    throw metadata.problem("general.architecture", `one of ${known}`, name, "Use a model of one of these.");
  }
  checkKeys(metadata, name);
  const number = (key: string): number | undefined => metadata.number(`${name}.${key}`);
  const required = (key: string): number => metadata.requiredNumber(`${name}.${key}`);
  const layers = required("block_count");
  const width = required("embedding_length");
  const heads = required("attention.head_count");
  const headDim = number("attention.key_length") ?? width / heads;
  const values = number("attention.value_length") ?? headDim;
  if (values !== headDim) throw metadata.problem(`${name}.attention.value_length`, `${headDim}, as keys have`, values);
  const vocabulary = tensors.get("token_embd.weight")?.shape[0];
  if (vocabulary === undefined) throw metadata.problem('tensor "token_embd.weight"', "a tensor", undefined);
  const window = number("attention.sliding_window") ?? 0;
  const shared = {
    model_type: modelType,
    vocab_size: vocabulary,
    hidden_size: width,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: number("attention.head_count_kv") ?? heads,
    head_dim: headDim,
    intermediate_size: required("feed_forward_length"),
    max_position_embeddings: required("context_length"),
    rms_norm_eps: decimal(required("attention.layer_norm_rms_epsilon")),
    rope_theta: decimal(number("rope.freq_base") ?? 10_000),
    tie_word_embeddings: !tensors.has("output.weight"),
    bos_token_id: idBelow(metadata, "tokenizer.ggml.bos_token_id", vocabulary) ?? null,
    rope_scaling: ropeScaling(metadata, name, factors),
  };
  const rotated = number("rope.dimension_count") ?? headDim;
  // Files of Gemma say the whole width of a head in another way, or nothing.
  const partial = modelType === "phi3" && rotated !== headDim ? { partial_rotary_factor: rotated / headDim } : {};
  if (modelType !== "phi3" && !modelType.startsWith("gemma") && rotated !== headDim) {
    throw metadata.problem(`${name}.rope.dimension_count`, `${headDim}, a whole head`, rotated);
  }
  if (modelType === "llama" && window > 0) return { ...shared, model_type: "mistral", sliding_window: window };
  if (modelType === "phi3") {
    const original = number("rope.scaling.original_context_length") ?? shared.max_position_embeddings;
    const sliding = window > 0 && window < shared.max_position_embeddings ? window : null;
    return { ...shared, ...partial, original_max_position_embeddings: original, sliding_window: sliding };
  }
  if (!modelType.startsWith("gemma")) {
    if (window > 0) throw metadata.problem(`${name}.attention.sliding_window`, "none", window);
    return shared;
  }
  return { ...shared, ...gemma(modelType, { layers, width, heads, headDim, window }, number) };
}

/** What llama.cpp takes from the number of layers, where the file says nothing. */
function gemma(
  modelType: string,
  shape: { layers: number; width: number; heads: number; headDim: number; window: number },
  number: (key: string) => number | undefined,
): Record<string, unknown> {
  const { layers, width, heads, headDim, window } = shape;
  const widest = modelType === "gemma2" ? 46 : 62;
  const common = {
    query_pre_attn_scalar: layers === widest ? width / heads : headDim,
    hidden_activation: "gelu_pytorch_tanh",
  };
  const cap = number("final_logit_softcapping");
  if (modelType === "gemma2") {
    return {
      ...common,
      sliding_window: window || 4096,
      attn_logit_softcapping: number("attn_logit_softcapping") ?? 50,
      final_logit_softcapping: cap ?? 30,
    };
  }
  return {
    ...common,
    ...(window > 0 ? { sliding_window: window } : { layer_types: Array(layers).fill("full_attention") }),
    rope_local_base_freq: decimal(number("rope.freq_base_swa") ?? 10_000),
    final_logit_softcapping: cap === undefined || cap === 0 ? null : cap,
  };
}

function checkKeys(metadata: Metadata, name: string): void {
  for (const key of metadata.keys()) {
    if (!key.startsWith(`${name}.`)) continue;
    const short = key.slice(name.length + 1);
    const value = metadata.get(key);
    if (READ.has(short) || NOTES.has(short) || value === 0 || value === false) continue;
    const cure = "askew does not know what it changes: use another file or model.";
    throw metadata.problem(key, "only keys that askew knows", value, cure);
  }
}

export function idBelow(metadata: Metadata, key: string, count: number): number | undefined {
  const id = metadata.number(key);
  if (id === undefined || (Number.isInteger(id) && id >= 0 && id < count)) return id;
  throw metadata.problem(key, `a token's number below ${count}`, id);
}

/** Llama 3.x's own settings, whose factors the file holds in place of them. */
const LLAMA3 = [8, 32].map((factor) => ({
  rope_type: "llama3",
  factor,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 8192,
}));

function ropeScaling(metadata: Metadata, name: string, factors: RopeFactors): Record<string, unknown> | null {
  const kind = metadata.text(`${name}.rope.scaling.type`) ?? "none";
  const linear = metadata.number(`${name}.rope.scaling.factor`) ?? metadata.number(`${name}.rope.scale_linear`) ?? 1;
  if (factors.short && factors.long) {
    const attention = metadata.number(`${name}.rope.scaling.attn_factor`);
    return {
      rope_type: "longrope",
      short_factor: Array.from(factors.short, decimal),
      long_factor: Array.from(factors.long, decimal),
      ...(attention !== undefined && { attention_factor: decimal(attention) }),
    };
  }
  if (kind !== "none" && kind !== "linear") {
    const cure = "askew cannot stretch positions in this way: use another model.";
    throw metadata.problem(`${name}.rope.scaling.type`, '"none" or "linear"', kind, cure);
  }
  if (factors.freqs) return llama3Of(metadata, name, factors.freqs);
  return linear === 1 ? null : { rope_type: "linear", factor: decimal(linear) };
}

function llama3Of(metadata: Metadata, name: string, freqs: ArrayLike<number>): Record<string, unknown> {
  const theta = decimal(metadata.number(`${name}.rope.freq_base`) ?? 10_000);
  for (const known of LLAMA3) {
    const same = Array.from(freqs).every((found, i) => {
      const wavelength = theta ** (i / freqs.length);
      const turns = known.original_max_position_embeddings / (2 * Math.PI * wavelength);
      const smooth = Math.min(1, Math.max(0, (turns - 1) / 3));
      return Math.abs(found * ((1 - smooth) / known.factor + smooth) - 1) < 1e-4;
    });
    if (same) return known;
  }
  const factors = Array.from(freqs, decimal);
  return { rope_type: "longrope", short_factor: factors, long_factor: factors, attention_factor: 1 };
}
