/** `askew pull`: finished cells and runs from another machine. */
import { Argument, Command } from "commander";
import { pullStudy } from "../../lab/index.js";
import { askewCommand, printJson, quoted } from "../../terminal/index.js";
import { jsonOption } from "../options.js";

const EXAMPLES = `
For machines that share no file system; it needs rsync on both, and ssh. What is
finished here stays as it is. Once all parts of a series are here, the command that
made them, without --on, puts them together.

Examples:
  $ askew pull gpu.example.org:askew/runs/mine runs/mine
  $ askew pull disk/runs/mine runs/mine --no-weights`;

export const pullCommand = (): Command =>
  new Command("pull")
    .addArgument(new Argument("<from>", "HOST:DIR, or a folder: a study of one model, a run, or runs"))
    .addArgument(new Argument("<folder>", "the folder here, which is made where there is none"))
    .option("--no-weights", "leave the weights of cells where they are")
    .option(...jsonOption("what came"))
    .addHelpText("after", EXAMPLES)
    .action(pull);

async function pull(
  from: string,
  folder: string,
  { weights, json = false }: { readonly weights: boolean; readonly json?: boolean },
): Promise<void> {
  const { taken, finished, cells, things } = await pullStudy(from, folder, { weights });
  if (json) return printJson("pulled", { folder, taken, finished, cells });
  const came = taken.length === 1 ? `1 ${things.slice(0, -1)} came` : `${taken.length} ${things} came`;
  process.stdout.write(`${came}; ${finished} of ${cells} are finished in ${folder}.\n`);
  if (finished > 0 && things === "cells") process.stdout.write(`Next: ${askewCommand()} score ${quoted(folder)}\n`);
}
