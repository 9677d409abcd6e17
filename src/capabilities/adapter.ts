/** Low-rank adapters (Hu et al. 2021) in PEFT's terms: the weight W [out, in] of a module becomes W + scale · B A. */
import type { Tensor } from "./tensor.js";

/** The linear layers of a decoder; models that have q, k, v in one tensor (Phi-3) have "qkv", and "gate_up". */
export type LoraTarget = "q" | "k" | "v" | "o" | "gate" | "up" | "down" | "qkv" | "gate_up";

/** How an adapter is trained. */
export interface LoraOptions {
  readonly rank: number;
  readonly alpha: number;
  /** The term is scaled by alpha / √rank in place of alpha / rank (Kalajdzievski 2023); default false. */
  readonly rankStabilized?: boolean;
  /** Default all of the model's. */
  readonly targets?: readonly LoraTarget[];
  /** From 0; default all. */
  readonly layers?: readonly number[];
  /**
   * How the matrices beside it, which are not trained, are held: in half the memory, each number rounded to 11 binary
   * digits. Default float32. Models in this process that are at most 256 wide stay float32.
   */
  readonly frozen?: "float16";
  /** Names the random start of A; default 0. B starts at 0, so a fresh adapter changes nothing. */
  readonly seed?: string | number;
}

/** What `adapter_config.json` says of an adapter. */
export interface AdapterConfig {
  readonly rank: number;
  readonly alpha: number;
  /** Scales by alpha / √rank in place of alpha / rank (rsLoRA, Kalajdzievski 2023). */
  readonly rankStabilized: boolean;
  /** Each once. */
  readonly targets: readonly `${LoraTarget}_proj`[];
  /** The layers it is on, from 0, each once; undefined for all. */
  readonly layers?: readonly number[];
  /** The model it was trained on, as a path or a name. */
  readonly base: string;
}

export interface AdapterModule {
  /** [rank, in] */
  readonly a: Tensor;
  /** [out, rank] */
  readonly b: Tensor;
}

export interface Adapter extends AdapterConfig {
  /** By the name of the weight without `.weight`: `model.layers.0.self_attn.q_proj`. */
  readonly modules: ReadonlyMap<string, AdapterModule>;
}
