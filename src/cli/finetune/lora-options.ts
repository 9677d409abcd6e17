/** `--lora RANK` and what belongs to it: an adapter is trained beside the weights. */
import type { Command } from "commander";
import { numberWithin, wholeNumber, wholeNumbers } from "../option-values.js";

export const loraOptions = (command: Command): Command =>
  command
    .option("--lora <rank>", "train an adapter of this rank (rsLoRA), not all weights", wholeNumber(1, 4096))
    .option("--lora-alpha <number>", "its strength (default: 64 at rank 32, as √rank)", numberWithin(1e-3, 1e6))
    .option("--lora-layers <numbers>", "layers it is on, from 0 (default: all)", wholeNumbers(0, 511));
