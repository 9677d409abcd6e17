/** From the residual stream after the last layer to logits. Key: L rows, W width, V vocabulary. */
import { linear, multiply, rmsNormalize, softCap, type Value } from "../../graph/index.js";
import type { TransformerConfig } from "../architectures/index.js";
import { gainOf, type Parameters } from "./gain.js";

/** The final norm with its gain, on chosen rows. x [L, W] → [L, W]. */
export function finalNorm(config: TransformerConfig, parameters: Parameters, x: Value): Value {
  return multiply(rmsNormalize(x, config.epsilon), gainOf(config, parameters, "norm"));
}

export const readoutTable = ({ tied }: TransformerConfig, parameters: Parameters): Value =>
  parameters(tied ? "embedding" : "readout");

/** Residual stream [L, W] → [L, V]. */
export function logitsOf(config: TransformerConfig, parameters: Parameters, x: Value): Value {
  const logits = linear(finalNorm(config, parameters, x), readoutTable(config, parameters));
  return softCap(logits, config.logitCap);
}
