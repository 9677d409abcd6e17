import type { TransformerConfig } from "./transformer-config.js";

/**
 * Hugging Face tensor name → shape, in the order of the forward pass, of decoders with grouped attention and a gated MLP.
 * Matrices are [out, in].
 */
export function decoderShapes(config: TransformerConfig): Map<string, number[]> {
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
