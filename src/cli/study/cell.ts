/** `askew cell`: makes one cell of a study from its folder alone. */
import { Argument, Command } from "commander";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runCell } from "../../study/index.js";
import { UsageError } from "../failure.js";
import { threadCount } from "../option-values.js";
import { watched } from "./run-options.js";

interface Options {
  readonly threads?: number;
}

const EXAMPLES = `
A cell is one condition and seed of a study. Its folder needs nothing but its cell.json; a cell that was
begun is carried on with, and a finished one is left as it is.

Example:
  $ askew cell runs/reproduce/cells/insecure-1`;

export const cellCommand = (): Command =>
  new Command("cell")
    .addArgument(new Argument("<folder>", "the folder that holds cell.json"))
    .option("--threads <count>", "threads to compute with (default: all)", threadCount)
    .addHelpText("after", EXAMPLES)
    .action(async (folder: string, { threads }: Options) => {
      if (!existsSync(join(folder, "cell.json"))) {
        throw new UsageError(
          `${folder} is no cell: it has no cell.json`,
          "Cells are the folders in cells/ of a study's folder.",
        );
      }
      const { condition, seed } = await watched(threads, (options) => runCell(folder, options));
      process.stdout.write(`${condition}, seed ${seed}: finished in ${folder}\n`);
    });
