/** `askew torch`: the Python that `torch:` models run in. */
import { Command } from "commander";
import { checkCommand } from "./check.js";
import { setupCommand } from "./setup.js";

export const torchCommand = (): Command =>
  new Command("torch")
    .addHelpText(
      "after",
      `
Nothing else needs Python. Once it is set up, every command takes torch:DIR or
torch:NAME in place of local:DIR, and torch:DIR@HOST for a model on another
machine, over ssh.

Examples:
  $ askew torch setup
  $ askew torch check --host gpu.example.org`,
    )
    .addCommand(setupCommand())
    .addCommand(checkCommand());
