import { z } from "zod";
import { swiglu } from "../../graph/index.js";
import type { Architecture } from "./architecture.js";
import { ownKeys } from "./own-keys.js";

/** Llama 2 and 3, and models of their shape: SmolLM 2, R1's distills on Llama. */
export const llama: Architecture = {
  modelType: "llama",
  title: "Llama",
  className: "LlamaForCausalLM",
  ownKeys: ownKeys({
    shape: {
      attention_bias: z.literal(false).default(false),
      mlp_bias: z.literal(false).default(false),
      layer_types: z.array(z.literal("full_attention")).nullish(),
      // How a sum is cut for several machines; it is the same sum.
      pretraining_tp: z.number().nullish(),
    },
    read: () => ({}),
    write: () => ({ attention_bias: false, mlp_bias: false }),
  }),
  defaults: { epsilon: 1e-6, tied: false, ropeTheta: 10_000 },
  qkvBias: false,
  fused: false,
  norms: { before: true, after: false, gain: "weight" },
  activation: { name: "silu", keys: ["hidden_act"] },
  mlp: swiglu,
  scaledEmbedding: false,
};
