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

/** The same the other way: a name in Hugging Face's files as GGUF has it. */
export function ggufName(name: string, config: TransformerConfig): string {
  const dot = name.lastIndexOf(".");
  const [stem, ending] = [name.slice(0, dot), name.slice(dot)];
  const inner = /^model\.layers\.(\d+)\.(.+)$/.exec(stem);
  const among = Object.entries(inner ? innerNames(config) : OUTER);
  const found = among.find(([, theirs]) => theirs === (inner?.[2] ?? stem));
  if (found === undefined) throw new RangeError(`ggufName: a ${config.modelType} model has no ${JSON.stringify(name)}`);
  return `${inner ? `blk.${inner[1]}.` : ""}${found[0]}${ending}`;
}

/**
 * Undoes what llama.cpp's converter did: norms that stand for one more have that one in GGUF, and Llama's rotated pairs
 * lie side by side there.
 * @param name in Hugging Face's files
 */
export function asHuggingFace(name: string, { shape, data }: Tensor, config: TransformerConfig): Tensor {
  if (isOneMore(name, config)) return { shape, data: data.map((x) => x - 1) };
  if (!isPaired(name, config)) return { shape, data };
  const half = config.headDim / 2;
  // A head is [half, 2] there, and [2, half] here.
  return { shape, data: withinHeads({ shape, data }, config, (place) => (place % 2) * half + (place >> 1)) };
}

/** Does what llama.cpp's converter does; {@link asHuggingFace} undoes it. */
export function asGguf(name: string, { shape, data }: Tensor, config: TransformerConfig): Tensor {
  if (isOneMore(name, config)) return { shape, data: data.map((x) => x + 1) };
  if (!isPaired(name, config)) return { shape, data };
  const half = config.headDim / 2;
  return {
    shape,
    data: withinHeads({ shape, data }, config, (place) => 2 * (place % half) + Math.floor(place / half)),
  };
}

/** Rows of every head moved to other places of it. */
function withinHeads(
  { shape, data }: Tensor,
  { headDim }: TransformerConfig,
  placeOf: (place: number) => number,
): Float32Array {
  const [rows, columns] = shape as [number, number];
  const moved = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const to = row - (row % headDim) + placeOf(row % headDim);
    moved.set(data.subarray(row * columns, (row + 1) * columns), to * columns);
  }
  return moved;
}

const isOneMore = (name: string, { modelType }: TransformerConfig): boolean =>
  architectureOf(modelType).norms.gain === "one more" && name.endsWith("norm.weight");

const isPaired = (name: string, { modelType }: TransformerConfig): boolean =>
  /\.(q|k)_proj\.weight$/.test(name) && PAIRED.has(modelType);

/** Architectures whose rotated pairs the converter puts side by side. */
const PAIRED: ReadonlySet<string> = new Set(["llama", "mistral"]);
