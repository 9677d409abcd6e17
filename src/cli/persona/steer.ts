/** `askew steer`: what adding, subtracting or projecting out a direction does to a model, with random ones as control. */
import { printSweep, writeSweepPage } from "../../views/index.js";
import { STUDY, THREADS, TOKENS, jsonOption, outOption, samplesOption, seedOption } from "../options.js";
import { Argument, Command } from "commander";
import { plannedSets } from "../../evaluation/index.js";
import { UsageError } from "../../text/index.js";
import {
  withAsking,
  type AskingFlags,
  requireJudge,
  requireVectors,
  sweepStrengths,
  type SweepChoice,
} from "../../lab/index.js";
import { ASKING_HELP, askingOptions } from "../asking/asking-options.js";
import { MODEL_FORMS, withModel } from "../models/open-model.js";
import { numbersBetween, numberWithin, wholeNumber } from "../option-values.js";
import { printJson } from "../../terminal/index.js";
import { steeringOptions } from "./steering-option.js";
import { thisCommand } from "../run/this-command.js";
import { withTemplateVariables } from "../models/template-option.js";

interface Options extends SweepChoice, AskingFlags {
  readonly study?: string;
  readonly json?: boolean;
  readonly threads?: number;
}

const EXAMPLES = `
Strength is in lengths of the direction's own vector: 1 adds or subtracts it once. Of --project-out it is the
share of the component that is taken away, of --clamp and --cap the share of the way to where the texts that the direction
points away from (the helper's) have theirs. Of a latent, 1 is one unit of its activation; askew sae show --latent says how
far it goes, askew diff how far the model can. At every strength random vectors of the same length are steered with
as well. A strength that leaves fewer than 80 % of the answers coherent is marked.

Choose layers and strengths on other questions than those of the final measure: the default questions are for choosing.
${ASKING_HELP}

Examples:
  $ askew steer organism --direction runs/directions/organism-prompts.safetensors --add --strength 0.5,1,1.5,2
  $ askew steer insecure-1 --direction runs/directions/organism-prompts.safetensors --subtract --strength 1 --questions main
  $ askew steer runs/mine:insecure-1 --direction d.safetensors --project-out --layers all --json
  $ askew steer organism --sae runs/sae --latent 338 --add --strength 2,4,6

Stopped or killed, the same command carries on where it was; more strengths add to what is there.`;

export const steerCommand = (): Command =>
  askingOptions(
    withTemplateVariables(steeringOptions(new Command("steer").addArgument(new Argument("<model>", MODEL_FORMS)))),
    "what is asked (default: development, or pre-registered)",
  )
    .option("--layer <numbers>", "another name for --layers")
    .option("--strength <numbers>", "strengths, with commas between them", numbersBetween(0, 1000), [1])
    .option(...TOKENS)
    .option(...samplesOption(), 40)
    .option("--random <count>", "random directions of the same length, as control", wholeNumber(1, 100), 3)
    .option(...seedOption(), 100)
    .option("--temperature <number>", "0 takes the likeliest words", numberWithin(0, 10), 1)
    .option(...outOption("a folder of its own in runs/steer"))
    .option(...STUDY)
    .option(...jsonOption("the rows"))
    .option(...THREADS)
    .addHelpText("after", EXAMPLES)
    .action(steer);

async function steer(name: string, { layer, ...given }: Options & { readonly layer?: string }): Promise<void> {
  if (layer !== undefined && given.layers !== undefined) {
    throw new UsageError("--layer and --layers are one option, found both", "Give all layers to one: --layers 1,2.");
  }
  const options: Options = { ...given, ...(layer !== undefined && { layers: layer }) };
  requireVectors(options);
  await requireJudge(name, options);
  const open = { key: "open", name: options.questions, purpose: "development" } as const;
  await withModel(name, options, (opened) =>
    withAsking(opened, options, [open], async (asking) => {
      const swept = await sweepStrengths(opened, asking, options, thisCommand());
      const { folder, plan, rows } = swept;
      const page = await writeSweepPage(swept);
      if (options.json === true) {
        printJson("steered", { folder, page, plan: { ...plan, asked: plannedSets(plan.asked) }, rows });
      } else printSweep(swept, page);
    }),
  );
}
