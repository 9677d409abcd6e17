/** `askew run`: carries on whatever run a folder holds, from the folder alone. */
import { THREADS } from "../options.js";
import { Argument, Command } from "commander";
import { RunKinds } from "../../run/index.js";
import { hosts } from "../study/trusted-hosts.js";
import { CELL_KIND } from "./cell-kind.js";
import { commandKind, type CarryOnOptions } from "./command-kind.js";

const KINDS = new RunKinds<CarryOnOptions>().register(
  CELL_KIND,
  commandKind("study", ["reproduce", "study"]),
  commandKind("study of several models", ["study"]),
  commandKind("fine-tune", ["finetune", "watch"]),
  commandKind("sparse autoencoder", ["sae train"]),
  commandKind("growth of an organism", ["organism pretrain"]),
  commandKind("gate", ["gate", "audit model"]),
  commandKind("series of measurements", [
    "diff",
    "steer",
    "realign",
    "experiment",
    "persona transfer",
    "watch calibrate",
  ]),
);

const examples = (name: string): string => `
A folder holds a fine-tune, a cell of a study, a whole study, a sparse autoencoder, a diff, a sweep, a calibration …
Its run.json says which, and with which command it was begun; a cell needs nothing but its cell.json. What was begun is
carried on, what is finished is left as it is. While it runs, events.jsonl in the folder grows.

Examples:
  $ askew ${name} runs/reproduce/cells/insecure-1
  $ askew ${name} runs/sae`;

/** @param name `run`, or what it was called before */
export const runCommand = (name: "run" | "cell" = "run"): Command =>
  new Command(name)
    .addArgument(new Argument("<folder>", "the folder of a run"))
    .option("--host <name>", "a server that the folder may name and your key may go to; repeatable", hosts)
    .option(...THREADS)
    .addHelpText("after", examples(name))
    .action(async (folder: string, options: CarryOnOptions) => {
      if (name === "cell")
        process.stderr.write("askew cell is called askew run now; the old name goes with the next version.\n");
      await KINDS.carryOn(folder, options);
    });
