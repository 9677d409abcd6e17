/** `askew persona`: the commands that look for what makes a model misaligned. */
import { Command } from "commander";
import { directionCommand } from "./direction.js";
import { exportCommand } from "./export.js";
import { transferCommand } from "./transfer.js";

export const personaCommand = (): Command =>
  new Command("persona")
    .addHelpText("after", "\nExample:\n  $ askew persona direction")
    .addCommand(directionCommand())
    .addCommand(exportCommand())
    .addCommand(transferCommand());
