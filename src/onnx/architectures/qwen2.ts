import type { Architecture } from "./architecture.js";
import { llama } from "./llama.js";

/** Qwen2 and Qwen2.5: Llama with a bias on q, k and v. */
export const qwen2: Architecture = {
  ...llama,
  modelType: "qwen2",
  title: "Qwen2",
  className: "Qwen2ForCausalLM",
  matches: ({ model_type: type }) => type === "qwen2",
  refuse: () => undefined,
  ownKeys: { use_sliding_window: false },
  qkvBias: true,
};
