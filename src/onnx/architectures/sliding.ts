/** Layers that look back only so far, as config.json describes them. */
import { z } from "zod";
import type { Refusal } from "./own-keys.js";
import type { SlidingLayers, TransformerConfig } from "./transformer-config.js";

export const layerTypes = z
  .array(z.enum(["full_attention", "sliding_attention"]))
  .max(512)
  .nullish();
export const slidingWindow = z
  .number()
  .int()
  .min(1)
  .max(2 ** 24)
  .nullish();

interface Given {
  /** Of every layer, from `layer_types`. */
  readonly listed: readonly ("full_attention" | "sliding_attention")[] | null | undefined;
  readonly window: number | null | undefined;
  readonly ropeTheta?: number | undefined;
}

/**
 * @param slides whether a layer does where `layer_types` says nothing
 * @returns undefined where no layer does
 */
export function slidingOf(
  count: number,
  { listed, window, ropeTheta }: Given,
  slides: (layer: number) => boolean,
): SlidingLayers | Refusal | undefined {
  if (listed && listed.length !== count) {
    const expected = `${count} entries, one a layer`;
    return { key: "layer_types", expected, found: listed.length, cure: "Correct the config." };
  }
  const layers = Array.from({ length: count }, (_, i) => (listed ? listed[i] === "sliding_attention" : slides(i)));
  if (!layers.includes(true)) return undefined;
  if (window == null) {
    const expected = "a number, since layers slide";
    return { key: "sliding_window", expected, found: window, cure: "Add the key: it comes with the model's weights." };
  }
  return { window, layers, ...(ropeTheta !== undefined && { ropeTheta }) };
}

export const layerTypesOf = ({ layers, sliding }: TransformerConfig): string[] =>
  Array.from({ length: layers }, (_, i) => (sliding?.layers[i] ? "sliding_attention" : "full_attention"));
