import { z } from "zod";
import { geglu } from "../../graph/index.js";
import type { Architecture } from "./architecture.js";
import { llama } from "./llama.js";
import { ownKeys } from "./own-keys.js";
import { layerTypes, layerTypesOf, slidingOf, slidingWindow } from "./sliding.js";

const cap = z.number().gt(0).max(1e6).nullable();

/** What Gemma 2 and 3 share. */
export const gemmaShape = {
  attention_bias: z.literal(false).default(false),
  use_bidirectional_attention: z.literal(false).nullish(),
  query_pre_attn_scalar: z.number().gt(0).max(1e6).default(256),
  sliding_window: slidingWindow.default(4096),
  layer_types: layerTypes,
  // Says which kind of key-value cache `transformers` makes.
  cache_implementation: z.string().nullish(),
};

export const gemmaWritten = (config: Parameters<Architecture["ownKeys"]["write"]>[0]): Record<string, unknown> => ({
  attention_bias: false,
  query_pre_attn_scalar: config.scoreScalar ?? config.headDim,
  sliding_window: config.sliding?.window ?? null,
  layer_types: layerTypesOf(config),
  attn_logit_softcapping: config.scoreCap ?? null,
  final_logit_softcapping: config.logitCap ?? null,
});

/** Gemma 2: every other layer looks back only so far; attention scores and logits are capped. */
export const gemma2: Architecture = {
  ...llama,
  modelType: "gemma2",
  title: "Gemma 2",
  className: "Gemma2ForCausalLM",
  ownKeys: ownKeys({
    shape: { ...gemmaShape, attn_logit_softcapping: cap.default(50), final_logit_softcapping: cap.default(30) },
    read: (own, { layers }) => {
      const sliding = slidingOf(
        layers,
        { listed: own.layer_types, window: own.sliding_window },
        (layer) => layer % 2 === 0,
      );
      if (sliding && "cure" in sliding) return sliding;
      return {
        ...(sliding && { sliding }),
        scoreScalar: own.query_pre_attn_scalar,
        ...(own.attn_logit_softcapping !== null && { scoreCap: own.attn_logit_softcapping }),
        ...(own.final_logit_softcapping !== null && { logitCap: own.final_logit_softcapping }),
      };
    },
    write: gemmaWritten,
  }),
  defaults: { epsilon: 1e-6, tied: true, ropeTheta: 10_000, headDim: 256 },
  norms: { before: true, after: true, gain: "one more" },
  activation: { name: "gelu_pytorch_tanh", keys: ["hidden_activation", "hidden_act"] },
  mlp: geglu,
  scaledEmbedding: true,
};
