/** The factor by which a norm multiplies. */
import { add, type Value } from "../../graph/index.js";
import { architectureOf, type TransformerConfig } from "../architectures/index.js";

/** Weights of one model in a graph: their stacked names → values. */
export type Parameters = (name: string) => Value;

export function gainOf({ modelType }: TransformerConfig, parameters: Parameters, norm: string): Value {
  const weight = parameters(norm);
  return architectureOf(modelType).norms.gain === "weight" ? weight : add(weight, weight.graph.scalar(1));
}
