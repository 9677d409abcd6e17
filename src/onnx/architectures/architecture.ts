/**
 * What sets one architecture of decoders apart from another. The forward pass, the files and the adapters ask; a new one
 * is one file beside this and a line in the registry.
 * Key: W width, D head width, F MLP width.
 */
import type { Value } from "../../graph/index.js";
import type { TransformerConfig } from "./transformer-config.js";

/** Values of `config.json` that only some architectures understand. */
export interface RawConfig {
  readonly model_type: string;
  readonly attention_bias: boolean;
}

export interface Refusal {
  readonly key: string;
  readonly expected: string;
  readonly found: unknown;
  readonly cure: string;
}

export interface Architecture {
  /** `model_type` in config.json. */
  readonly modelType: string;
  /** As errors name it: `Llama`. */
  readonly title: string;
  /** The class in `transformers`, as config.json names it. */
  readonly className: string;
  matches(config: Pick<RawConfig, "model_type">): boolean;
  /** What the weights of this config cannot be run for; undefined where all is well. */
  refuse(config: RawConfig): Refusal | undefined;
  /** Keys of config.json that it alone has. */
  readonly ownKeys: Readonly<Record<string, unknown>>;
  /** Whether q, k and v have a bias. */
  readonly qkvBias: boolean;
  /** Hugging Face tensor name → shape, in the order of the forward pass. */
  shapes(config: TransformerConfig): Map<string, number[]>;
  /** The factor [W] that a norm's stored weight stands for. */
  norms(weight: Value): Value;
  /** What the MLP's down projection reads: gate, up [N, F] → [N, F]. */
  mlp(gate: Value, up: Value): Value;
  /** Cosines and sines of the rotary angles for positions 0 … length−1, each [length, D/2]. */
  rope(config: TransformerConfig, length: number): { readonly cos: Float32Array; readonly sin: Float32Array };
  /** Which parameter reads the vocabulary out. */
  head(config: TransformerConfig): "embedding" | "readout";
}
