/** `askew sae`: the residual stream as a sum of few directions out of many, and what each of them stands for. */
import { Command } from "commander";
import { measureCommand } from "./measure.js";
import { showCommand } from "./show.js";
import { trainCommand } from "./train.js";

export const saeCommand = (): Command =>
  new Command("sae")
    .addHelpText("after", "\nExample:\n  $ askew sae train\n  $ askew sae show runs/sae --best villain")
    .addCommand(trainCommand())
    .addCommand(measureCommand())
    .addCommand(showCommand());
