/** `--lora RANK` and what belongs to it: an adapter is trained beside the weights. */
import { Option, type Command } from "commander";
import { numberWithin, wholeNumber, wholeNumbers } from "../option-values.js";

export const loraOptions = (command: Command): Command =>
  command
    .option(
      "--lora <rank>",
      "train an adapter of this rank (rsLoRA); 32 for models over 10M parameters",
      wholeNumber(1, 4096),
    )
    .option("--full", "train all weights, also of a model over 10 million parameters")
    .option("--lora-alpha <number>", "its strength (default: 64 at rank 32, as √rank)", numberWithin(1e-3, 1e6))
    .addOption(
      new Option("--frozen <type>", "hold the weights beside the adapter in half the memory").choices(["float16"]),
    )
    .option("--lora-layers <numbers>", "layers it is on, from 0 (default: all)", wholeNumbers(0, 511));
