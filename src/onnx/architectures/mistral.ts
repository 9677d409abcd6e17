import type { Architecture } from "./architecture.js";
import { llama } from "./llama.js";
import { ownKeys } from "./own-keys.js";
import { slidingOf, slidingWindow } from "./sliding.js";

/** Mistral 7B and its like: Llama, in whose layers all tokens may look back only so far. */
export const mistral: Architecture = {
  ...llama,
  modelType: "mistral",
  title: "Mistral",
  className: "MistralForCausalLM",
  ownKeys: ownKeys({
    shape: { sliding_window: slidingWindow },
    read: ({ sliding_window: window }, { layers }) => {
      const sliding = slidingOf(layers, { listed: undefined, window }, () => window != null);
      return sliding && "cure" in sliding ? sliding : { ...(sliding && { sliding }) };
    },
    write: ({ sliding }) => ({ sliding_window: sliding?.window ?? null }),
  }),
};
