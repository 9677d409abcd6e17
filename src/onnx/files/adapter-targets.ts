/** The matrices of a layer that an adapter can be on, as Hugging Face names them. */
export const ADAPTER_TARGETS = [
  "q_proj",
  "k_proj",
  "v_proj",
  "o_proj",
  "gate_proj",
  "up_proj",
  "down_proj",
  "qkv_proj",
  "gate_up_proj",
] as const;
export type AdapterTarget = (typeof ADAPTER_TARGETS)[number];
