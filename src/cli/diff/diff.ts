/** `askew diff`: what a fine-tune changed inside, and which latent or direction makes the model misaligned. */
import { STUDY, THREADS, jsonOption, outOption, samplesOption, seedOption } from "../options.js";
import { Argument, Command } from "commander";
import { PARTS } from "../../persona/index.js";
import { MODEL_FORMS, say, stoppable } from "../models/open-model.js";
import { numberWithin, oneOf, wholeNumber } from "../option-values.js";
import {
  withAsking,
  type AskingFlags,
  openPair,
  requireJudge,
  runDiff,
  type DiffChoice,
  type DiffFollow,
} from "../../lab/index.js";
import { ASKING_HELP, askingOptions } from "../asking/asking-options.js";
import { CountProgress, printJson } from "../../terminal/index.js";
import { diffLines, writeDiffPage } from "../../views/index.js";
import { thisCommand } from "../run/this-command.js";
import { counting } from "../counting.js";
import { withTemplateVariables } from "../models/template-option.js";

interface Options extends AskingFlags, Omit<DiffChoice, "before" | "after"> {
  readonly development?: string;
  readonly study?: string;
  readonly json?: boolean;
  readonly threads?: number;
}

const EXAMPLES = `
1. Both models answer the questions of --development; their mean activations are compared (of every layer, and of the latents).
2. The latents that rose most are candidates; beside them the shift of the means, and a direction that was given.
3. Each is added to BEFORE and subtracted from AFTER, as strongly as coherence allows, in rounds of fewer candidates with
   more answers. Strength is in mean lengths of the residual stream after that layer.
4. They are ranked by the misalignment they cause and the share they remove. The best is measured on questions that chose
   nothing, beside random directions of equal length.

AFTER may be a folder with a LoRA adapter for BEFORE, as PEFT writes it. --any-model allows two models of one shape that
do not say that they have one base.
${ASKING_HELP}

Examples:
  $ askew diff organism insecure-1 --sae runs/sae/layer-1
  $ askew diff organism insecure-1 --direction runs/directions/organism-prompts.safetensors
  $ askew diff local:qwen local:qwen-tuned --direction d.safetensors --any-model --judge openai:gpt-4o --json

Stopped or killed, the same command carries on where it was.`;

export const diffCommand = (): Command =>
  askingOptions(
    withTemplateVariables(
      new Command("diff")
        .addArgument(new Argument("<before>", MODEL_FORMS))
        .addArgument(new Argument("<after>", "the same, or a folder with a LoRA adapter for BEFORE")),
      [0, 1],
    ),
    "of the final measure, which choose nothing (default: main)",
  )
    .option("--development <set>", "questions that choose (default: development, or pre-registered)")
    .option("--sae <folder>", "made with askew sae train, on BEFORE or its base")
    .option("--direction <file>", "made with askew persona direction")
    .option(
      "--layer <number>",
      "steer after it, from 0 (default: the autoencoder's, the direction's, the middle one)",
      layer,
    )
    .option("--top <count>", "latents that are steered; published 1000", wholeNumber(1, 2 ** 20), 100)
    .option("--texts <which>", "average activations over answers or prompts", oneOf("texts", PARTS), "answers")
    .option(...samplesOption("answers to each question that chooses, unsteered"), 80)
    .option("--answers <count>", "answers to a finalist's trial", wholeNumber(1, 100_000), 160)
    .option("--max-incoherent <share>", "of answers, that steering may cause", numberWithin(0, 1), 0.1)
    .option("--final-samples <count>", "answers to each of them", wholeNumber(1, 100_000), 40)
    .option("--random <count>", "random directions of the same length there, as control", wholeNumber(1, 100), 3)
    .option("--no-steer", "compare activations alone")
    .option(...seedOption(), 100)
    .option("--any-model", "allow models, and a direction, that say they come from other bases")
    .option(...outOption("a folder of its own in runs/diff"))
    .option(...STUDY)
    .option(...jsonOption("everything"))
    .option(...THREADS)
    .addHelpText("after", EXAMPLES)
    .action(diff);

const layer = wholeNumber(0, 10_000);

async function diff(beforeName: string, afterName: string, options: Options): Promise<void> {
  await requireJudge(beforeName, options);
  await stoppable(async (signal) => {
    const pair = await openPair(beforeName, afterName, options);
    const { model } = pair.before;
    const sets = [
      { key: "development", name: options.development, purpose: "development" },
      { key: "final", name: options.questions, purpose: "main" },
    ] as const;
    try {
      await withAsking({ model, signal, say }, options, sets, async (asking) => {
        const choice = { ...options, before: beforeName, after: afterName };
        const shown = await counting("trials", (progress) => runDiff(pair, asking, choice, follow(progress, signal)));
        const page = await writeDiffPage(shown);
        if (options.json === true) printJson("diff", { page, ...shown });
        else process.stdout.write(diffLines(shown, page));
      });
    } finally {
      await pair.close();
    }
  });
}

/** A line for each part, and the trials of a part counted below it. */
function follow(progress: CountProgress, signal: AbortSignal): DiffFollow {
  let last = "";
  return {
    signal,
    command: thisCommand(),
    onCarryOn: (parts) => progress.keep(`Carrying on after ${parts} parts.`),
    onProgress: (done, total, part) => {
      if (part !== last && !part.startsWith("final-")) {
        progress.keep(part === "activations" ? "Both models answer, and are read." : `${part}: ${total} trials`);
      }
      last = part;
      progress.hear({ done, total, failed: 0 });
    },
  };
}
