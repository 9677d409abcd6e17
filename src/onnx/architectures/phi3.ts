import { z } from "zod";
import type { Architecture } from "./architecture.js";
import { llama } from "./llama.js";
import { ownKeys } from "./own-keys.js";
import { slidingOf, slidingWindow } from "./sliding.js";

const dropout = z.number().min(0).max(1).default(0);

/** Phi-3, Phi-4 and Phi-4-mini: q, k, v are one tensor and so are gate, up; a part of each head may stay unrotated. */
export const phi3: Architecture = {
  ...llama,
  modelType: "phi3",
  title: "Phi-3 and Phi-4",
  className: "Phi3ForCausalLM",
  ownKeys: ownKeys({
    shape: {
      attention_bias: z.literal(false).default(false),
      sliding_window: slidingWindow,
      partial_rotary_factor: z.number().gt(0).max(1).default(1),
      original_max_position_embeddings: z
        .number()
        .int()
        .min(1)
        .max(2 ** 24)
        .optional(),
      embd_pdrop: dropout,
      resid_pdrop: dropout,
      // Where the weights' own code is older than `transformers`'s; the same network.
      lm_head_bias: z.literal(false).default(false),
      full_attn_mod: z.literal(1).default(1),
      interpolate_factor: z.literal(1).default(1),
    },
    read: (own, { layers, headDim }) => {
      const window = own.sliding_window;
      const sliding = slidingOf(layers, { listed: undefined, window }, () => window != null);
      if (sliding && "cure" in sliding) return sliding;
      const rotaryDim = Math.floor(headDim * own.partial_rotary_factor);
      if (rotaryDim % 2 !== 0 || rotaryDim === 0) {
        const expected = "a share of the head that is an even number of dimensions";
        return {
          key: "partial_rotary_factor",
          expected,
          found: own.partial_rotary_factor,
          cure: "Correct the config.",
        };
      }
      return { ...(sliding && { sliding }), ...(rotaryDim !== headDim && { rotaryDim }) };
    },
    write: ({ sliding, rotaryDim, headDim, ropeScaling, maxPositions }) => ({
      attention_bias: false,
      sliding_window: sliding?.window ?? null,
      partial_rotary_factor: (rotaryDim ?? headDim) / headDim,
      original_max_position_embeddings: ropeScaling?.kind === "longrope" ? ropeScaling.originalPositions : maxPositions,
      embd_pdrop: 0,
      resid_pdrop: 0,
    }),
  }),
  defaults: { ...llama.defaults, epsilon: 1e-5 },
  fused: true,
};
