/** The architectures that can be run, by their `model_type`. */
import type { Architecture } from "./architecture.js";
import { llama } from "./llama.js";
import { qwen2 } from "./qwen2.js";

export type { Architecture } from "./architecture.js";
export type { TransformerConfig } from "./transformer-config.js";

export const ARCHITECTURES: readonly Architecture[] = [llama, qwen2];

/** @throws {RangeError} where there is none of this name, which reading a config.json has ruled out */
export function architectureOf(modelType: string): Architecture {
  const found = ARCHITECTURES.find((one) => one.matches({ model_type: modelType }));
  if (found === undefined) {
    const known = ARCHITECTURES.map((one) => one.modelType).join(", ");
    throw new RangeError(`there is no architecture ${JSON.stringify(modelType)}, expected ${known}`);
  }
  return found;
}
