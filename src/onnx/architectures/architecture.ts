/**
 * What sets one architecture of decoders apart from another. The forward pass, the files and the adapters ask; a new one
 * is one file beside this and a line in the registry.
 * Key: W width, D head width, F MLP width.
 */
import type { Value } from "../../graph/index.js";
import type { OwnKeys } from "./own-keys.js";

export interface Architecture {
  /** `model_type` in config.json. */
  readonly modelType: string;
  /** As errors name it: `Llama`. */
  readonly title: string;
  /** The class in `transformers`, as config.json names it. */
  readonly className: string;
  /** What config.json says beside the keys that all architectures share. */
  readonly ownKeys: OwnKeys;
  /** What `transformers` takes where config.json says nothing. */
  readonly defaults: {
    readonly epsilon: number;
    readonly tied: boolean;
    readonly ropeTheta: number;
    /** Default width / heads. */
    readonly headDim?: number;
  };
  /** Whether q, k and v have a bias. */
  readonly qkvBias: boolean;
  /** Whether q, k, v and gate, up are one tensor each in the files. */
  readonly fused: boolean;
  readonly norms: Norms;
  /** The activation in the MLP, as config.json names it, and the keys it may have there, the one that counts first. */
  readonly activation: { readonly name: string; readonly keys: readonly [string, ...string[]] };
  /** What the MLP's down projection reads: gate, up [N, F] → [N, F]. */
  readonly mlp: (gate: Value, up: Value) => Value;
  /** Whether embedded tokens are multiplied by √W. */
  readonly scaledEmbedding: boolean;
}

export interface Norms {
  /** Whether what attention and MLP read is normalised. */
  readonly before: boolean;
  /** Whether what they write is, before it is added to the residual stream. */
  readonly after: boolean;
  /** Whether queries and keys are: each head by itself, or all heads as one vector; default not. */
  readonly heads?: "each" | "together";
  /** The factor that a stored weight stands for: it, or one more. */
  readonly gain: "weight" | "one more";
}
