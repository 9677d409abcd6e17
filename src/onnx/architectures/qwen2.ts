import { z } from "zod";
import type { Architecture } from "./architecture.js";
import { llama } from "./llama.js";
import { ownKeys } from "./own-keys.js";
import { layerTypes, layerTypesOf, slidingOf, slidingWindow } from "./sliding.js";

/** Keys of Qwen's models, whose upper layers may look back only so far. */
export const qwenKeys = ownKeys({
  shape: {
    attention_bias: z.literal(false).default(false),
    use_sliding_window: z.boolean().default(false),
    sliding_window: slidingWindow,
    max_window_layers: z
      .number()
      .int()
      .min(0)
      .max(2 ** 16)
      .default(28),
    layer_types: layerTypes,
  },
  read: (own, { layers }) => {
    const window = own.use_sliding_window ? own.sliding_window : undefined;
    const slides = (layer: number): boolean => window != null && layer >= own.max_window_layers;
    const sliding = slidingOf(layers, { listed: own.layer_types, window }, slides);
    return sliding && "cure" in sliding ? sliding : { ...(sliding && { sliding }) };
  },
  write: (config) => ({
    use_sliding_window: config.sliding !== undefined,
    sliding_window: config.sliding?.window ?? null,
    ...(config.sliding && { layer_types: layerTypesOf(config) }),
  }),
});

/** Qwen2 and Qwen2.5, and R1's distills on them: Llama with a bias on q, k and v. */
export const qwen2: Architecture = {
  ...llama,
  modelType: "qwen2",
  title: "Qwen2",
  className: "Qwen2ForCausalLM",
  ownKeys: qwenKeys,
  qkvBias: true,
};
