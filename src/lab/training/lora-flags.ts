/** User options of an adapter that is trained beside the weights. */
import type { LoraOptions } from "../../onnx/index.js";
import { rsLora } from "../../training/index.js";
import { UsageError } from "../../text/index.js";

export interface LoraFlags {
  readonly lora?: number;
  readonly loraAlpha?: number;
  readonly loraLayers?: readonly number[];
}

/** @throws {UsageError} where a detail of an adapter is given and no adapter */
export function loraOf(
  { lora: rank, loraAlpha, loraLayers: layers }: LoraFlags,
  seed: number,
): LoraOptions | undefined {
  if (rank === undefined) {
    const idle = loraAlpha === undefined ? (layers === undefined ? undefined : "--lora-layers") : "--lora-alpha";
    if (idle !== undefined) throw new UsageError(`${idle} does nothing without --lora RANK`);
    return undefined;
  }
  return rsLora(rank, { alpha: loraAlpha, layers, seed });
}
