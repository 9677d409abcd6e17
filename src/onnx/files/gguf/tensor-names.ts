/** Names of tensors in GGUF and in Hugging Face's files, and what llama.cpp's converter did to some of them. */
import { architectureOf, type TransformerConfig } from "../../architectures/index.js";
import type { Tensor } from "../safetensors.js";

const OUTER: Readonly<Record<string, string>> = {
  token_embd: "model.embed_tokens",
  output_norm: "model.norm",
  output: "lm_head",
};

/** @returns undefined where Hugging Face has none */
export function huggingFaceName(gguf: string, config: TransformerConfig): string | undefined {
  const outer = /^([a-z_]+)\.(weight)$/.exec(gguf);
  if (outer) {
    const name = OUTER[outer[1] as string];
    return name && `${name}.weight`;
  }
  const inner = /^blk\.(0|[1-9]\d{0,3})\.([a-z_]+)\.(weight|bias)$/.exec(gguf);
  if (!inner) return undefined;
  const name = innerNames(config)[inner[2] as string];
  return name && `model.layers.${inner[1]}.${name}.${inner[3]}`;
}

function innerNames({ modelType }: TransformerConfig): Readonly<Record<string, string>> {
  const { norms, fused } = architectureOf(modelType);
  return {
    attn_norm: "input_layernorm",
    attn_q: "self_attn.q_proj",
    attn_k: "self_attn.k_proj",
    attn_v: "self_attn.v_proj",
    attn_qkv: "self_attn.qkv_proj",
    attn_q_norm: "self_attn.q_norm",
    attn_k_norm: "self_attn.k_norm",
    attn_output: "self_attn.o_proj",
    ffn_norm: norms.after ? "pre_feedforward_layernorm" : "post_attention_layernorm",
    ...(norms.after && { post_attention_norm: "post_attention_layernorm" }),
    post_ffw_norm: "post_feedforward_layernorm",
    ffn_gate: "mlp.gate_proj",
    ffn_up: fused ? "mlp.gate_up_proj" : "mlp.up_proj",
    ffn_down: "mlp.down_proj",
  };
}

/**
 * Undoes what llama.cpp's converter did: norms that stand for one more have that one in GGUF, and Llama's rotated pairs
 * lie side by side there.
 * @param name in Hugging Face's files
 */
export function asHuggingFace(name: string, { shape, data }: Tensor, config: TransformerConfig): Tensor {
  const architecture = architectureOf(config.modelType);
  if (architecture.norms.gain === "one more" && name.endsWith("norm.weight")) {
    return { shape, data: data.map((x) => x - 1) };
  }
  const rotated = /\.(q|k)_proj\.weight$/.exec(name);
  if (!rotated || !PAIRED.has(config.modelType)) return { shape, data };
  const [rows, columns] = shape as [number, number];
  const moved = new Float32Array(data.length);
  const half = config.headDim / 2;
  for (let row = 0; row < rows; row++) {
    const [head, place] = [Math.floor(row / config.headDim), row % config.headDim];
    // A head is [half, 2] there, and [2, half] here.
    const to = (place % 2) * half + (place >> 1);
    moved.set(data.subarray(row * columns, (row + 1) * columns), (head * config.headDim + to) * columns);
  }
  return { shape, data: moved };
}

/** Architectures whose rotated pairs the converter puts side by side. */
const PAIRED: ReadonlySet<string> = new Set(["llama", "mistral"]);
