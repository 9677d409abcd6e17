import { z } from "zod";
import type { Architecture } from "./architecture.js";
import { gemma2, gemmaShape, gemmaWritten } from "./gemma2.js";
import { ownKeys } from "./own-keys.js";
import { slidingOf } from "./sliding.js";

/** `rope_parameters` of `transformers` 5 say what `rope_local_base_freq` says of 4. */
const localRope = z.looseObject({
  sliding_attention: z.strictObject({ rope_type: z.literal("default").optional(), rope_theta: z.number() }).nullish(),
});

/** Gemma 3, its text model: five layers in six look back only so far, with a rotary base of their own. */
export const gemma3: Architecture = {
  ...gemma2,
  modelType: "gemma3_text",
  title: "Gemma 3 (text)",
  className: "Gemma3ForCausalLM",
  ownKeys: ownKeys({
    shape: {
      ...gemmaShape,
      // The published models have none, and `transformers` passes them over.
      attn_logit_softcapping: z.null().optional(),
      final_logit_softcapping: z.number().gt(0).max(1e6).nullish(),
      sliding_window_pattern: z.number().int().min(1).max(512).default(6),
      _sliding_window_pattern: z.number().int().min(1).max(512).optional(),
      rope_local_base_freq: z.number().min(1).max(1e12).default(10_000),
      rope_parameters: localRope.nullish(),
    },
    read: (own, { layers }) => {
      const pattern = own.sliding_window_pattern;
      const sliding = slidingOf(
        layers,
        {
          listed: own.layer_types,
          window: own.sliding_window,
          ropeTheta: own.rope_parameters?.sliding_attention?.rope_theta ?? own.rope_local_base_freq,
        },
        (layer) => (layer + 1) % pattern !== 0,
      );
      if (sliding && "cure" in sliding) return sliding;
      return {
        ...(sliding && { sliding }),
        scoreScalar: own.query_pre_attn_scalar,
        ...(own.final_logit_softcapping != null && { logitCap: own.final_logit_softcapping }),
      };
    },
    write: (config) => ({ ...gemmaWritten(config), rope_local_base_freq: config.sliding?.ropeTheta ?? 10_000 }),
  }),
  defaults: { ...gemma2.defaults, ropeTheta: 1_000_000 },
  norms: { ...gemma2.norms, heads: "each" },
};
