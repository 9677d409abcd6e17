/** The options of a fine-tune that is watched, for every command that trains. */
import { samplesOption } from "../options.js";
import type { Command } from "commander";
import { askingOptions } from "../asking/asking-options.js";
import { oneOf, wholeNumber, wholeNumbers } from "../option-values.js";
import { ACTIONS } from "../../lab/index.js";

/** Adds all but --direction, which a command may have for more than this. */
export const watchOptions = (command: Command): Command =>
  askingOptions(command, "for --truth-every and --on-alarm realign (default: development)")
    .option("--every <steps>", "from one look to the next (default: the detector's)", wholeNumber(1, 100_000))
    .option("--on-alarm <action>", `${ACTIONS.join(", ")} (default: warn)`, oneOf("action", ACTIONS))
    .option("--realign-with <data>", "benign data of the model's world, see askew realign (default: facts)")
    .option("--webhook <url>", "post the alarm there")
    .option("--truth-every <steps>", "sample behaviour too: answers to --questions", wholeNumber(1, 100_000))
    .option(...samplesOption("answers to each of those questions (default: 32)", 10_000))
    .option("--detector <file>", "in place of the one in runs/watch, or the one that ships")
    .option(
      "--probes <file>",
      "with --direction: pairs of aligned and misaligned continuations (JSONL), or judged answers (CSV)",
    )
    .option("--sae <folder>", "write latents of this autoencoder down too")
    .option(
      "--latents <numbers>",
      "its latent (default: the one that separates the villain best)",
      wholeNumbers(0, 2 ** 20),
    );
