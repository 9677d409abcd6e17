/** `askew cancel`: ends the jobs that were submitted from a folder. */
import { Argument, Command } from "commander";
import { readBatches, reopen } from "../../executors/index.js";
import { RunError } from "../../run/index.js";

export const cancelCommand = (): Command =>
  new Command("cancel")
    .addArgument(new Argument("<folder>", "the folder that the jobs were submitted from"))
    .addHelpText(
      "after",
      "\nWhat is finished stays, and so do checkpoints: askew study --on … carries on.\n\nExamples:\n  $ askew cancel runs/mine",
    )
    .action(async (folder: string) => {
      const batches = await readBatches(folder);
      const [first] = batches;
      if (first === undefined) throw new RunError(`${folder}: no jobs were submitted from there.`);
      for (const executor of new Set(batches.map((batch) => batch.executor))) {
        const own = batches.filter((batch) => batch.executor === executor);
        await reopen(folder, own[0] ?? first).cancel(own);
      }
      process.stdout.write(`The jobs of ${folder} are cancelled; what is finished stays.\n`);
    });
