/** `askew cancel`: ends the jobs that were submitted from a folder, or for a run. */
import { Argument, Command } from "commander";
import { cancelJobs } from "../../lab/index.js";

export const cancelCommand = (): Command =>
  new Command("cancel")
    .addArgument(new Argument("<folder>", "the folder that the jobs were submitted from, or a run that has one"))
    .addHelpText(
      "after",
      `
What is finished stays, and so do checkpoints: the command that submitted the jobs carries on.

Examples:
  $ askew cancel runs/mine
  $ askew cancel runs/mine/cells/insecure-1`,
    )
    .action(async (folder: string) => {
      await cancelJobs(folder);
      process.stdout.write(`The jobs of ${folder} are cancelled; what is finished stays.\n`);
    });
