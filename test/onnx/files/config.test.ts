import { ModelFileError } from "askew/onnx";
import { configFromJson, configToJson, parameterShapes } from "#internal/onnx";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

/** Qwen2.5-0.5B-Instruct's own config. */
const QWEN = {
  architectures: ["Qwen2ForCausalLM"],
  attention_dropout: 0,
  bos_token_id: 151643,
  eos_token_id: 151645,
  hidden_act: "silu",
  hidden_size: 896,
  initializer_range: 0.02,
  intermediate_size: 4864,
  max_position_embeddings: 32768,
  max_window_layers: 21,
  model_type: "qwen2",
  num_attention_heads: 14,
  num_hidden_layers: 24,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-6,
  rope_theta: 1000000,
  sliding_window: 32768,
  tie_word_embeddings: true,
  torch_dtype: "bfloat16",
  transformers_version: "4.43.1",
  use_cache: true,
  use_sliding_window: false,
  vocab_size: 151936,
};

/** SmolLM2-135M, a Llama. */
const LLAMA = {
  model_type: "llama",
  attention_bias: false,
  bos_token_id: 0,
  eos_token_id: [0, 2],
  hidden_act: "silu",
  hidden_size: 576,
  intermediate_size: 1536,
  max_position_embeddings: 8192,
  mlp_bias: false,
  num_attention_heads: 9,
  num_hidden_layers: 30,
  num_key_value_heads: 3,
  rms_norm_eps: 1e-5,
  rope_scaling: null,
  rope_theta: 100000,
  tie_word_embeddings: true,
  vocab_size: 49152,
};

describe("config.json", () => {
  it("of a Qwen2 model", () => {
    expect(configFromJson(QWEN)).toEqual({
      modelType: "qwen2",
      vocabSize: 151936,
      width: 896,
      layers: 24,
      heads: 14,
      keyValueHeads: 2,
      headDim: 64,
      hidden: 4864,
      maxPositions: 32768,
      epsilon: 1e-6,
      ropeTheta: 1e6,
      tied: true,
      qkvBias: true,
      bosId: 151643,
      eosIds: [151645],
    });
  });

  it("of a Llama model", () => {
    const config = configFromJson(LLAMA);
    expect(config).toMatchObject({ modelType: "llama", headDim: 64, keyValueHeads: 3, qkvBias: false, eosIds: [0, 2] });
  });

  it("has the parameters that are published", () => {
    const count = (json: unknown): number =>
      [...parameterShapes(configFromJson(json)).values()].reduce(
        (sum, shape) => sum + shape.reduce((n, k) => n * k, 1),
        0,
      );
    expect(count(QWEN)).toBe(494_032_768);
    expect(count(LLAMA)).toBe(134_515_008);
    expect(count({ ...LLAMA, tie_word_embeddings: false })).toBe(134_515_008 + 49152 * 576);
  });

  it("names tensors as Hugging Face does", () => {
    const shapes = parameterShapes(configFromJson({ ...QWEN, num_hidden_layers: 1 }));
    expect(Object.fromEntries(shapes)).toEqual({
      "model.embed_tokens.weight": [151936, 896],
      "model.layers.0.input_layernorm.weight": [896],
      "model.layers.0.self_attn.q_proj.weight": [896, 896],
      "model.layers.0.self_attn.q_proj.bias": [896],
      "model.layers.0.self_attn.k_proj.weight": [128, 896],
      "model.layers.0.self_attn.k_proj.bias": [128],
      "model.layers.0.self_attn.v_proj.weight": [128, 896],
      "model.layers.0.self_attn.v_proj.bias": [128],
      "model.layers.0.self_attn.o_proj.weight": [896, 896],
      "model.layers.0.post_attention_layernorm.weight": [896],
      "model.layers.0.mlp.gate_proj.weight": [4864, 896],
      "model.layers.0.mlp.up_proj.weight": [4864, 896],
      "model.layers.0.mlp.down_proj.weight": [896, 4864],
      "model.norm.weight": [896],
    });
  });

  it("takes the defaults that transformers takes", () => {
    const { num_key_value_heads: _heads, rope_theta: _theta, tie_word_embeddings: _tied, ...rest } = LLAMA;
    const json = {
      ...rest,
      bos_token_id: undefined,
      eos_token_id: null,
      head_dim: null,
      rope_parameters: { rope_type: "default", rope_theta: 5000 },
    };
    const config = configFromJson(json);
    expect(config).toMatchObject({ keyValueHeads: 9, ropeTheta: 5000, tied: false, eosIds: [] });
    expect("bosId" in config).toBe(false);
    expect(configFromJson(rest).ropeTheta).toBe(10000);
  });

  it("passes over what changes nothing", () => {
    const notes = {
      _name_or_path: "x",
      unsloth_version: "1",
      dtype: "bfloat16",
      attention_dropout: 0.1,
      no_such: false,
    };
    const whole = { rope_parameters: { rope_type: "default", rope_theta: 100000, partial_rotary_factor: 1 } };
    expect(configFromJson({ ...LLAMA, ...notes, ...whole })).toEqual(configFromJson(LLAMA));
  });

  it("reads no texts at whose length Phi-4-mini would turn its heads otherwise", () => {
    const factors = Array.from({ length: 24 }, () => 1);
    const config = configFromJson({
      ...LLAMA,
      model_type: "phi3",
      partial_rotary_factor: 0.75,
      max_position_embeddings: 131072,
      original_max_position_embeddings: 4096,
      rope_scaling: { type: "longrope", short_factor: factors, long_factor: factors },
    });
    expect(config).toMatchObject({ maxPositions: 4096, rotaryDim: 48 });
    // √(1 + ln 32 / ln 4096)
    expect(config.ropeScaling).toMatchObject({ attentionFactor: 1.1902380714238083 });
  });

  it("survives being written", () => {
    for (const json of [QWEN, LLAMA, { ...LLAMA, bos_token_id: null, eos_token_id: null, head_dim: 32 }]) {
      const config = configFromJson(json);
      expect(configFromJson(JSON.parse(JSON.stringify(configToJson(config))))).toEqual(config);
    }
  });

  const wrong: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    [
      "another kind of model",
      { model_type: "gpt2" },
      /model_type: expected "llama" or "mistral" or "qwen2" .*, found "gpt2"\. askew opens Llama, Mistral, Qwen2, Qwen3/,
    ],
    ["no width", { hidden_size: undefined }, /hidden_size: expected .*number, found nothing/],
    ["a width in words", { hidden_size: "large" }, /hidden_size: expected a value of type number, found "large"/],
    ["half a layer", { num_hidden_layers: 1.5 }, /num_hidden_layers/],
    ["too many layers", { num_hidden_layers: 513 }, /num_hidden_layers: expected at most 512, found 513/],
    ["a vocabulary of 2^40", { vocab_size: 2 ** 40 }, /vocab_size: expected at most 1048576/],
    [
      "sizes that multiply beyond bounds",
      { hidden_size: 2 ** 16, intermediate_size: 2 ** 18, num_attention_heads: 64, num_key_value_heads: 64 },
      /at most 17179869184 parameters/,
    ],
    ["another activation", { hidden_act: "gelu" }, /hidden_act: expected "silu", found "gelu"/],
    [
      "stretched positions with a key missing",
      { rope_scaling: { rope_type: "llama3", factor: 8 } },
      /rope_scaling.low_freq_factor: expected .*number, .*found nothing/,
    ],
    [
      "stretched positions with a key too many",
      { rope_scaling: { type: "linear", factor: 2, mscale: 0.5 } },
      /rope_scaling.mscale: expected no such key with "linear", found 0.5/,
    ],
    [
      "positions that are stretched as texts grow",
      { rope_scaling: { type: "dynamic", factor: 2 } },
      /rope_scaling: expected one of default, linear, llama3, longrope, found "dynamic"/,
    ],
    ["a part of a head", { partial_rotary_factor: 0.5 }, /partial_rotary_factor: expected only keys of a Llama model/],
    [
      "the same, newer",
      { rope_parameters: { rope_theta: 1e4, partial_rotary_factor: 0.5 } },
      /partial_rotary_factor: expected only keys of a Llama model/,
    ],
    [
      "a key that nobody knows",
      { logit_scale: 0.25 },
      /logit_scale: expected only keys .*found 0.25.*take the key out/,
    ],
    [
      "weights of 4 bits",
      { quantization_config: { quant_method: "bitsandbytes", load_in_4bit: true } },
      /quantization_config: expected none, found "bitsandbytes \(4 bits\)".*GGUF/,
    ],
    [
      "weights of GPTQ",
      { quantization_config: { quant_method: "gptq", bits: 8 } },
      /quantization_config: expected none, found "gptq \(8 bits\)"/,
    ],
    [
      "stretched positions, newer",
      { rope_parameters: { rope_type: "yarn", rope_theta: 1e4 } },
      /rope_parameters.*"yarn"/,
    ],
    ["a bias on the output", { attention_bias: true }, /attention_bias: expected false/],
    ["a bias in the MLP", { mlp_bias: true }, /mlp_bias: expected false, found true/],
    ["a sliding window", { use_sliding_window: true }, /use_sliding_window: expected only keys of a Llama/],
    [
      "sliding layers",
      { layer_types: Array(30).fill("sliding_attention") },
      /layer_types.0: expected "full_attention"/,
    ],
    [
      "heads that do not divide",
      { num_key_value_heads: 2 },
      /num_key_value_heads: expected a divisor of num_attention_heads \(9\), found 2/,
    ],
    ["an odd head", { head_dim: 63 }, /head_dim: expected an even/],
    ["a head that is no whole number", { hidden_size: 577 }, /head_dim: expected an even.*64\.1/],
    ["an end outside the vocabulary", { eos_token_id: 49152 }, /ids below vocab_size \(49152\), found 49152/],
    ["an epsilon of 0", { rms_norm_eps: 0 }, /rms_norm_eps/],
    ["a negative theta", { rope_theta: -1 }, /rope_theta: expected at least 1/],
  ];

  it.each(wrong)("refuses %s", (_what, change, message) => {
    const read = (): unknown => configFromJson({ ...LLAMA, ...change }, "there/config.json");
    expect(read).toThrow(ModelFileError);
    expect(read).toThrow(message);
    expect(read).toThrow(/^there\/config\.json: /);
  });

  it("throws nothing but ModelFileError, whatever it is given", () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom(...Object.keys(LLAMA)), (value, key) => {
        for (const json of [value, { ...LLAMA, [key]: value }]) {
          try {
            configFromJson(json);
          } catch (error) {
            expect(error).toBeInstanceOf(ModelFileError);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
