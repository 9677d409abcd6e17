import type { Architecture } from "./architecture.js";
import { llama } from "./llama.js";
import { qwenKeys } from "./qwen2.js";

/** Qwen3 without experts: every head's queries and keys are normalised; there is no bias. */
export const qwen3: Architecture = {
  ...llama,
  modelType: "qwen3",
  title: "Qwen3",
  className: "Qwen3ForCausalLM",
  ownKeys: qwenKeys,
  defaults: { ...llama.defaults, headDim: 128 },
  norms: { ...llama.norms, heads: "each" },
};
