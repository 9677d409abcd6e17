/** `askew sae`: the residual stream as a sum of few directions out of many, and what each of them stands for. */
import { Command } from "commander";
import { showCommand } from "./show.js";
import { trainCommand } from "./train.js";

export const saeCommand = (): Command =>
  new Command("sae")
    .description("train sparse autoencoders on a model's residual stream, and look at their latents")
    .addHelpText(
      "after",
      "\nExample:\n  $ askew sae train --layer 1 --out runs/sae/layer-1\n  $ askew sae show runs/sae/layer-1",
    )
    .addCommand(trainCommand())
    .addCommand(showCommand());
