import { z } from "zod";
import type { Architecture } from "./architecture.js";
import { llama } from "./llama.js";
import { ownKeys } from "./own-keys.js";

/** OLMo 2: what attention and MLP write is normalised in place of what they read, and so are queries and keys. */
export const olmo2: Architecture = {
  ...llama,
  modelType: "olmo2",
  title: "OLMo 2",
  className: "Olmo2ForCausalLM",
  ownKeys: ownKeys({
    shape: { attention_bias: z.literal(false).default(false) },
    read: () => ({}),
    write: () => ({ attention_bias: false }),
  }),
  defaults: { ...llama.defaults, epsilon: 1e-5 },
  norms: { before: false, after: true, heads: "together", gain: "weight" },
};
