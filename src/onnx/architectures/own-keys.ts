/** Keys of config.json that only some architectures have: what they may say, and what they mean. */
import type { z } from "zod";
import type { TransformerConfig } from "./transformer-config.js";

/** A value that cannot be run, for the caller to put the file's name to it. */
export interface Refusal {
  readonly key: string;
  readonly expected: string;
  readonly found: unknown;
  readonly cure: string;
}

/** What the shared keys said, before the architecture's own are read. */
export type SharedConfig = Pick<TransformerConfig, "layers" | "headDim">;

export type Special = Pick<TransformerConfig, "sliding" | "scoreScalar" | "scoreCap" | "logitCap" | "rotaryDim">;

export interface OwnKeys {
  readonly shape: z.ZodRawShape;
  /** @param values parsed by `shape` */
  read(values: Readonly<Record<string, unknown>>, shared: SharedConfig): Special | Refusal;
  /** The same keys as `transformers` writes them. */
  write(config: TransformerConfig): Readonly<Record<string, unknown>>;
}

/** Ties the types of what is parsed to those of what is read. */
export function ownKeys<S extends z.ZodRawShape>(given: {
  readonly shape: S;
  readonly read: (values: z.infer<z.ZodObject<S>>, shared: SharedConfig) => Special | Refusal;
  readonly write: (config: TransformerConfig) => Readonly<Record<string, unknown>>;
}): OwnKeys {
  const { shape, write } = given;
  return { shape, write, read: (values, shared) => given.read(values as z.infer<z.ZodObject<S>>, shared) };
}

export const isRefusal = (value: Special | Refusal): value is Refusal => "cure" in value;
