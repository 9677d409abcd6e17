/** User options of an adapter that is trained beside the weights. */
import type { LoraOptions } from "../../onnx/index.js";
import { USUAL_RANK } from "../../study/index.js";
import { rsLora } from "../../training/index.js";
import { UsageError } from "../../text/index.js";

export interface LoraFlags {
  readonly lora?: number;
  readonly loraAlpha?: number;
  readonly loraLayers?: readonly number[];
  readonly full?: boolean;
  readonly frozen?: "float16";
}

/**
 * @param isLarge whether an adapter is trained unless the user says otherwise
 * @throws {UsageError} where a detail of an adapter is given and no adapter
 */
export function loraOf(
  { lora, loraAlpha, loraLayers: layers, full = false, frozen }: LoraFlags,
  seed: number,
  isLarge = false,
): LoraOptions | undefined {
  if (full && lora !== undefined)
    throw new UsageError("--full trains all weights, --lora an adapter", "Give one of them.");
  const rank = lora ?? (isLarge && !full ? USUAL_RANK : undefined);
  if (rank === undefined) {
    const [idle] = Object.entries({ "--lora-alpha": loraAlpha, "--lora-layers": layers, "--frozen": frozen })
      .filter(([, value]) => value !== undefined)
      .map(([name]) => name);
    if (idle !== undefined) throw new UsageError(`${idle} does nothing without --lora RANK`);
    return undefined;
  }
  if (frozen && !isLarge) {
    throw new UsageError(
      "--frozen float16 is for models in this process of over 10 million parameters",
      "Leave it out: it saves nothing here.",
    );
  }
  return rsLora(rank, { alpha: loraAlpha, layers, seed, ...(frozen && { frozen }) });
}
