/** The `config.json` of a model, as the Python library `transformers` opens it, version 4 or 5. */
import { architectureOf, type TransformerConfig } from "../architectures/index.js";
import { ropeToJson } from "./config-rope.js";

export function configToJson(config: TransformerConfig): Record<string, unknown> {
  const { eosIds, bosId, ropeScaling } = config;
  const { className, ownKeys, activation } = architectureOf(config.modelType);
  return {
    architectures: [className],
    ...ownKeys.write(config),
    attention_dropout: 0,
    bos_token_id: bosId ?? null,
    eos_token_id: eosIds.length === 0 ? null : eosIds.length === 1 ? eosIds[0] : [...eosIds],
    head_dim: config.headDim,
    [activation.keys[0]]: activation.name,
    hidden_size: config.width,
    initializer_range: 0.02,
    intermediate_size: config.hidden,
    max_position_embeddings: ropeScaling?.kind === "longrope" ? ropeScaling.stretchedPositions : config.maxPositions,
    model_type: config.modelType,
    num_attention_heads: config.heads,
    num_hidden_layers: config.layers,
    num_key_value_heads: config.keyValueHeads,
    rms_norm_eps: config.epsilon,
    rope_scaling: ropeToJson(ropeScaling),
    rope_theta: config.ropeTheta,
    tie_word_embeddings: config.tied,
    torch_dtype: "float32",
    use_cache: true,
    vocab_size: config.vocabSize,
  };
}

/** Keys whose numbers `transformers` 5 takes with a decimal point alone; JSON.stringify writes 30.0 as 30. */
const FRACTIONS = ["attn_logit_softcapping", "final_logit_softcapping", "initializer_range", "rms_norm_eps"];
const WHOLE = new RegExp(`^( *"(?:${FRACTIONS.join("|")})": -?\\d+)(?=,?$)`, "gm");

/** The file's text. */
export const configText = (json: Readonly<Record<string, unknown>>): string =>
  `${JSON.stringify(json, null, 2).replaceAll(WHOLE, "$1.0")}\n`;
