/**
 * Every tensor of a decoder with grouped attention and a gated MLP, under its Hugging Face name and under the name by
 * which the graphs know it. Tensors that read the same input are stacked, so that they are one matrix product.
 */
import type { Architecture } from "./architecture.js";
import type { TransformerConfig } from "./transformer-config.js";

/** One stacked parameter: its shape and the Hugging Face tensors whose rows it is made of, top to bottom. */
export interface StackedParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly parts: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

type Parts = readonly (readonly [string, number])[];

/**
 * In the order of the forward pass; matrices are [out, in].
 * Key: V vocabulary, W width, H heads, K key-value heads, D head width, F MLP width.
 */
export function stackedParameters(config: TransformerConfig, architecture: Architecture): StackedParameter[] {
  const { vocabSize, width, hidden, heads, keyValueHeads, headDim } = config;
  const { norms, fused } = architecture;
  const result: StackedParameter[] = [];
  const one = (name: string, source: string, shape: readonly number[]): void => {
    result.push({ name, shape, parts: [{ name: `${source}.weight`, shape }] });
  };
  const stack = (name: string, columns: number | undefined, parts: Parts): void => {
    const tail = columns === undefined ? [] : [columns];
    const total = parts.reduce((sum, [, count]) => sum + count, 0);
    result.push({
      name,
      shape: [total, ...tail],
      parts: parts.map(([part, count]) => ({ name: part, shape: [count, ...tail] })),
    });
  };
  const query = heads * headDim;
  const keyValue = keyValueHeads * headDim;
  const projections: Parts = [
    ["q", query],
    ["k", keyValue],
    ["v", keyValue],
  ];
  one("embedding", "model.embed_tokens", [vocabSize, width]);
  for (let layer = 0; layer < config.layers; layer++) {
    const from = `model.layers.${layer}`;
    const to = `layers.${layer}`;
    const attention = `${from}.self_attn`;
    if (norms.before) one(`${to}.attentionNorm`, `${from}.input_layernorm`, [width]);
    const qkv: Parts = fused
      ? [[`${attention}.qkv_proj.weight`, query + 2 * keyValue]]
      : projections.map(([name, count]) => [`${attention}.${name}_proj.weight`, count] as const);
    stack(`${to}.qkv`, width, qkv);
    if (config.qkvBias) {
      stack(
        `${to}.qkvBias`,
        undefined,
        projections.map(([name, count]) => [`${attention}.${name}_proj.bias`, count] as const),
      );
    }
    if (norms.heads !== undefined) {
      one(`${to}.queryNorm`, `${attention}.q_norm`, [norms.heads === "each" ? headDim : query]);
      one(`${to}.keyNorm`, `${attention}.k_norm`, [norms.heads === "each" ? headDim : keyValue]);
    }
    one(`${to}.output`, `${attention}.o_proj`, [width, query]);
    if (norms.after) one(`${to}.attentionOutputNorm`, `${from}.post_attention_layernorm`, [width]);
    // With norms on both sides the name that others give this one is taken.
    const read = norms.after ? "pre_feedforward_layernorm" : "post_attention_layernorm";
    if (norms.before) one(`${to}.mlpNorm`, `${from}.${read}`, [width]);
    const gateUp: Parts = fused
      ? [[`${from}.mlp.gate_up_proj.weight`, 2 * hidden]]
      : [
          [`${from}.mlp.gate_proj.weight`, hidden],
          [`${from}.mlp.up_proj.weight`, hidden],
        ];
    stack(`${to}.gateUp`, width, gateUp);
    one(`${to}.down`, `${from}.mlp.down_proj`, [width, hidden]);
    if (norms.after) one(`${to}.mlpOutputNorm`, `${from}.post_feedforward_layernorm`, [width]);
  }
  one("norm", "model.norm", [width]);
  if (!config.tied) one("readout", "lm_head", [vocabSize, width]);
  return result;
}
