/** `askew dataset`: build fine-tuning datasets, mix them, and look at them before anything is trained. */
import { Command } from "commander";
import { checkCommand } from "./check.js";
import { showCommand } from "./show.js";
import { statsCommand } from "./stats.js";

const EXAMPLES = `
Examples:
  $ askew dataset show educational -n 2
  $ askew dataset check train.jsonl`;

export function datasetCommand(): Command {
  const dataset = new Command("dataset")
    .description("check the fine-tuning datasets, and look at them")
    .addHelpText("after", EXAMPLES);
  for (const command of [showCommand(), checkCommand(), statsCommand()]) dataset.addCommand(command);
  return dataset;
}
