/** `askew pull`: finished cells from another machine. */
import { Argument, Command } from "commander";
import { pullStudy } from "../../lab/index.js";
import { askewCommand, printJson, quoted } from "../../terminal/index.js";
import { jsonOption } from "../options.js";

const EXAMPLES = `
For machines that share no file system; it needs rsync on both, and ssh. Cells that
are finished here stay as they are.

Examples:
  $ askew pull gpu.example.org:askew/runs/mine runs/mine
  $ askew pull disk/runs/mine runs/mine --no-weights`;

export const pullCommand = (): Command =>
  new Command("pull")
    .addArgument(new Argument("<from>", "HOST:DIR, or a folder: a study of one model"))
    .addArgument(new Argument("<folder>", "the study here, which is made where there is none"))
    .option("--no-weights", "leave the weights of cells where they are")
    .option(...jsonOption("what came"))
    .addHelpText("after", EXAMPLES)
    .action(pull);

async function pull(
  from: string,
  folder: string,
  { weights, json = false }: { readonly weights: boolean; readonly json?: boolean },
): Promise<void> {
  const { taken, finished, cells } = await pullStudy(from, folder, { weights });
  if (json) return printJson("pulled", { folder, taken, finished, cells });
  const came = taken.length === 1 ? "1 cell came" : `${taken.length} cells came`;
  process.stdout.write(`${came}; ${finished} of ${cells} are finished in ${folder}.\n`);
  if (finished > 0) process.stdout.write(`Next: ${askewCommand()} score ${quoted(folder)}\n`);
}
