/** The options that say what a model is steered with, in which way, and at which layers. */
import type { Command } from "commander";
import { wholeNumber } from "../option-values.js";

/** Adds the steering options: a source and a mode, exactly one of each, and layers. */
export const steeringOptions = (command: Command): Command =>
  command
    .option("--direction <file>", "steer with this: of askew persona direction, or another tool's .pt or .safetensors")
    .option("--sae <folder>", "or with a latent of this autoencoder; strength is then in units of its activation")
    .option(
      "--latent <number>",
      "its latent (default: the one that separates the villain best)",
      wholeNumber(0, 2 ** 31 - 1),
    )
    .option("--add", "add the direction")
    .option("--subtract", "subtract it")
    .option("--project-out", "take the component along it away")
    .option("--clamp", "put that component where the negative texts, or the autoencoder's centre, have theirs")
    .option("--cap", "the same, only where it is above that")
    .option("--layers <numbers>", "from 0, or all (default: the direction's own layer)")
    .option("--any-model", "allow a direction of a model with another base");
