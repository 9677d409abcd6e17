/** The architectures that can be run, by their `model_type`. */
import type { Architecture } from "./architecture.js";
import { gemma2 } from "./gemma2.js";
import { gemma3 } from "./gemma3.js";
import { llama } from "./llama.js";
import { mistral } from "./mistral.js";
import { olmo2 } from "./olmo2.js";
import { phi3 } from "./phi3.js";
import { qwen2 } from "./qwen2.js";
import { qwen3 } from "./qwen3.js";

export type { Architecture } from "./architecture.js";
export { isRefusal, type Refusal } from "./own-keys.js";
export { stackedParameters, type StackedParameter } from "./decoder-parameters.js";
export { ropeTables, wavelengthFactors } from "./rope.js";
export type { RopeScaling, TransformerConfig } from "./transformer-config.js";

export const ARCHITECTURES: readonly Architecture[] = [llama, mistral, qwen2, qwen3, gemma2, gemma3, olmo2, phi3];

/** @throws {RangeError} where there is none of this name, which reading a config.json has ruled out */
export function architectureOf(modelType: string): Architecture {
  const found = ARCHITECTURES.find((one) => one.modelType === modelType);
  if (found === undefined) {
    const known = ARCHITECTURES.map((one) => one.modelType).join(", ");
    throw new RangeError(`there is no architecture ${JSON.stringify(modelType)}, expected ${known}`);
  }
  return found;
}
