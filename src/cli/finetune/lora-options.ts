/** `--lora RANK` and what belongs to it: an adapter is trained beside the weights. */
import type { Command } from "commander";
import type { LoraOptions } from "../../onnx/index.js";
import { rsLora } from "../../training/index.js";
import { UsageError } from "../../text/index.js";
import { numberWithin, wholeNumber, wholeNumbers } from "../option-values.js";

export interface LoraFlags {
  readonly lora?: number;
  readonly loraAlpha?: number;
  readonly loraLayers?: readonly number[];
}

export const loraOptions = (command: Command): Command =>
  command
    .option("--lora <rank>", "train an adapter of this rank (rsLoRA), not all weights", wholeNumber(1, 4096))
    .option("--lora-alpha <number>", "its strength (default: 64 at rank 32, as √rank)", numberWithin(1e-3, 1e6))
    .option("--lora-layers <numbers>", "layers it is on, from 0 (default: all)", wholeNumbers(0, 511));

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
