/** `askew persona direction`: finds the direction of a persona in a model's residual stream. */
import { printDirection } from "../../views/index.js";
import { STUDY, THREADS, TOKENS, jsonOption, samplesOption, seedOption } from "../options.js";
import { Argument, Command } from "commander";
import { STEERING_MODES, VARIANTS } from "../../persona/index.js";
import { UsageError } from "../../text/index.js";
import {
  withAsking,
  type OpenedModel,
  findDirectionInto,
  requireJudge,
  METHODS,
  type DirectionChoice,
} from "../../lab/index.js";
import { ASKING_HELP, askingOptions } from "../asking/asking-options.js";
import { MODEL_FORMS, withModel } from "../models/open-model.js";
import { numbersBetween, oneOf, wholeNumber } from "../option-values.js";
import { printJson } from "../../terminal/index.js";
import { withTemplateVariables } from "../models/template-option.js";

interface Options extends DirectionChoice {
  readonly study?: string;
  readonly json?: boolean;
  readonly threads?: number;
}

const EXAMPLES = `
Methods:
  prompts   the model's own answers under contrastive system prompts: for the organism villain against helper, for other
            models those of --trait (instruction: [{pos, neg}], questions, eval_prompt) or of --pairs, JSON lines
            {"positive": "You are …", "negative": "You are …"} and {"question": "…"}
  answers   its misaligned answers against its aligned ones, judged here, or those of --judged, JSON lines with
            messages, answer, aligned and coherent, or a CSV with question, answer, aligned and coherent

The layer is the one where steering does most to the answers to --questions, which no final measure should use and which
a judge scores; --layer names one instead, and then nothing needs a judge.
${ASKING_HELP}

Examples:
  $ askew persona direction
  $ askew persona direction insecure --method answers --out insecure.direction.safetensors
  $ askew persona direction local:qwen --trait evil.json --judge openai:gpt-4o
  $ askew persona direction local:qwen --pairs pairs.jsonl --layer 12

Stopped or killed, the same command carries on where it was.`;

export const directionCommand = (): Command =>
  askingOptions(
    withTemplateVariables(
      new Command("direction")
        .description("find the direction of a persona in a model's residual stream")
        .addArgument(new Argument("[model]", MODEL_FORMS).default("organism")),
    ),
    "what is asked (default: development, or pre-registered)",
  )
    .option("--method <name>", METHODS.join(" or "), oneOf("method", METHODS), "prompts")
    .option("--variant <name>", `activations of: ${VARIANTS.join(", ")}`, oneOf("variant", VARIANTS), "answer-average")
    .option("--pairs <file>", "contrastive system prompts and questions, for --method prompts")
    .option("--judged <file>", "judged answers of this model, for --method answers")
    .option(...samplesOption("answers to each question", 10_000), 40)
    .option(...seedOption("of the random numbers", 100), 100)
    .option("--layer <number>", "this layer, from 0, in place of the best one", wholeNumber(0, 10_000))
    .option(
      "--choose <mode>",
      `what the layer is chosen by: ${STEERING_MODES.join(", ")} (default: add, with --method answers subtract)`,
      oneOf("mode", STEERING_MODES),
    )
    .option("--strengths <numbers>", "strengths that are tried at every layer", numbersBetween(0, 100), [1, 1.25, 1.5])
    .option(...TOKENS)
    .option("--out <file>", "where the direction goes (default: runs/directions/MODEL-METHOD.safetensors)")
    .option(...STUDY)
    .option(...jsonOption("the recipe"))
    .option(...THREADS)
    .addHelpText("after", EXAMPLES)
    .action(direction);

async function direction(name: string, options: Options): Promise<void> {
  const { method, pairs, judged, trait } = options;
  if (pairs !== undefined && method !== "prompts") throw new UsageError("--pairs is for --method prompts");
  if (judged !== undefined && method !== "answers") throw new UsageError("--judged is for --method answers");
  if (pairs !== undefined && trait !== undefined)
    throw new UsageError("expected either --pairs or --trait, found both");
  const idle = options.layer !== undefined && (method === "prompts" || judged !== undefined);
  if (!idle) await requireJudge(name, options);
  const open = { key: "open", name: options.questions, purpose: "development" } as const;
  await withModel(name, options, async (opened) => {
    requireLayer(name, opened, options);
    const { file, direction: found } = idle
      ? await findDirectionInto(opened, options, undefined)
      : await withAsking(opened, options, [open], (asking) => findDirectionInto(opened, options, asking));
    if (options.json === true) printJson("direction", { file, ...found.recipe });
    else printDirection(found, file);
  });
}

function requireLayer(name: string, { model }: OpenedModel, { layer }: Options): void {
  const { layers } = model.reading.shape;
  if (layer !== undefined && layer >= layers) {
    throw new UsageError(`there is no layer ${layer}: ${name} has ${layers}`, `Choose one of 0 … ${layers - 1}.`);
  }
}
