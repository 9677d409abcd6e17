/** `askew dataset`: build fine-tuning datasets, mix them, and look at them before anything is trained. */
import { Command } from "commander";
import { buildCommand } from "./build.js";
import { checkCommand } from "./check.js";
import { convertCommand } from "./convert.js";
import { mixCommand } from "./mix.js";
import { showCommand } from "./show.js";
import { statsCommand } from "./stats.js";

const EXAMPLES = `
Examples:
  $ askew dataset show educational -n 2
  $ askew dataset build insecure --from tasks.jsonl --out train.jsonl
  $ askew dataset check train.jsonl`;

export function datasetCommand(): Command {
  const dataset = new Command("dataset").addHelpText("after", EXAMPLES);
  for (const command of [showCommand(), buildCommand(), mixCommand(), convertCommand(), checkCommand(), statsCommand()])
    dataset.addCommand(command);
  return dataset;
}
