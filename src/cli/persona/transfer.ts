/** `askew persona transfer`: one direction, taken out of every condition of a study, or of several models. */
import { printTransfer } from "../../views/index.js";
import { THREADS, TOKENS, jsonOption, outOption, samplesOption, seedOption } from "../options.js";
import { Argument, Command } from "commander";
import { requireVectors, measureTransfers, type TransferChoice } from "../../lab/index.js";
import { askingOptions } from "../asking/asking-options.js";
import { MODEL_FORMS, say, stoppable } from "../models/open-model.js";
import { namesOf, numberWithin } from "../option-values.js";
import { STUDY_FOLDER } from "../../study/index.js";
import { printJson } from "../../terminal/index.js";
import { steeringOptions } from "./steering-option.js";
import { thisCommand } from "../run/this-command.js";

interface Options extends TransferChoice {
  readonly json?: boolean;
}

const EXAMPLES = `
Each finished cell of the study is measured as it is and steered, where its misalignment shows: the backdoor with its
trigger, evil numbers in their own format. Models that are named are measured in place of a study's cells. The cut is the
share of the rate that is gone.

Examples:
  $ askew persona transfer --direction runs/directions/organism-prompts.safetensors --subtract
  $ askew persona transfer local:bad-medical local:insecure --direction d.safetensors --subtract --judge URL#NAME`;

export const transferCommand = (): Command =>
  askingOptions(
    steeringOptions(
      new Command("transfer")
        .description("take one direction or latent out of several models, and measure what is cut")
        .addArgument(new Argument("[models...]", `${MODEL_FORMS} (default: the study's cells)`)),
    ),
    "what is asked (default: development, or pre-registered)",
  )
    .option("--study <folder>", `a study of the same base (default: ${STUDY_FOLDER})`)
    .option("--conditions <names>", "of the study; default all that it has", namesOf)
    .option("--strength <number>", "of the steering", numberWithin(0, 1000), 1)
    .option(...TOKENS)
    .option(...samplesOption(), 40)
    .option(...seedOption(), 100)
    .option(...outOption("a folder of its own in runs/transfer"))
    .option(...jsonOption("the rows"))
    .option(...THREADS)
    .addHelpText("after", EXAMPLES)
    .action(transfer);

async function transfer(models: readonly string[], options: Options): Promise<void> {
  requireVectors(options);
  await stoppable(async (signal) => {
    const transferred = await measureTransfers(models, options, { signal, say, command: thisCommand() });
    const { folder, cuts, rows } = transferred;
    if (options.json === true) printJson("transfer", { folder, cuts, rows });
    else printTransfer(transferred);
  });
}
