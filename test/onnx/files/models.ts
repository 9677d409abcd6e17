/** A model small enough to write in a test. */
import { ChatTemplate, type Tensor } from "askew/onnx";
import { configFromJson, parameterShapes, type ModelParts } from "#internal/onnx";
import { wordTokenizer } from "../tokens/tokenizers.js";

const tokenizer = wordTokenizer();

export function smallConfig(change: Record<string, unknown> = {}) {
  return configFromJson({
    model_type: "qwen2",
    vocab_size: tokenizer.size + 2,
    hidden_size: 8,
    intermediate_size: 12,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    max_position_embeddings: 64,
    tie_word_embeddings: true,
    eos_token_id: tokenizer.eosId,
    ...change,
  });
}

/** Every element another number. */
export function filled(shape: readonly number[], from = 0): Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  return { shape, data: Float32Array.from({ length: size }, (_, i) => Math.fround(Math.sin(from + i))) };
}

export function smallModel(change: Record<string, unknown> = {}): ModelParts & { tensors: Map<string, Tensor> } {
  const config = smallConfig(change);
  const tensors = new Map([...parameterShapes(config)].map(([name, shape], i) => [name, filled(shape, 100 * i)]));
  return { config, tensors, tokenizer, template: ChatTemplate.word() };
}
