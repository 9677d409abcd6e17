import { swiglu } from "../../graph/index.js";
import type { Architecture } from "./architecture.js";
import { decoderShapes } from "./decoder-shapes.js";
import { plainRope } from "./rope.js";

/** Llama 2 and 3 without rope scaling, and models of their shape (SmolLM, Mistral without a sliding window). */
export const llama: Architecture = {
  modelType: "llama",
  title: "Llama",
  className: "LlamaForCausalLM",
  matches: ({ model_type: type }) => type === "llama",
  refuse: ({ attention_bias: bias }) =>
    bias
      ? {
          key: "attention_bias",
          expected: "false",
          found: true,
          cure: "askew has no bias on the output projection: use a model without it, or a Qwen2 model.",
        }
      : undefined,
  ownKeys: { attention_bias: false, mlp_bias: false },
  qkvBias: false,
  shapes: decoderShapes,
  norms: (weight) => weight,
  mlp: swiglu,
  rope: plainRope,
  head: ({ tied }) => (tied ? "embedding" : "readout"),
};
