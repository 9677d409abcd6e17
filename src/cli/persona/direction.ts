/** `askew persona direction`: finds the direction of a persona in a model's residual stream. */
import { characterPairs, ORGANISM_WORLD, questionSet, worldAsked } from "../../organism/index.js";
import { Argument, Command } from "commander";
import { layColumns } from "../../layout/index.js";
import {
  answersUnderPrompts,
  chooseLayer,
  contrastDirections,
  judgedAnswers,
  questionsOfSet,
  readJudgedFile,
  readPromptFile,
  STEERING_MODES,
  VARIANTS,
  writeDirection,
  type AskedQuestion,
  type ContrastPair,
  type ContrastText,
  type Direction,
  type LayerTrial,
  type Once,
  type SteeringMode,
  type Variant,
} from "../../persona/index.js";
import { inParts } from "../../study/index.js";
import { UsageError } from "../failure.js";
import { MODEL_FORMS, withModel, type OpenedModel } from "../models/open-model.js";
import { numbersBetween, oneOf, threadCount, wholeNumber } from "../option-values.js";
import { makeFolderOf } from "../output-folder.js";
import { colorsOf, widthOf } from "../terminal/terminal.js";
import { VERSION } from "../version.js";

const METHODS = ["prompts", "answers"] as const;
type Method = (typeof METHODS)[number];

interface Options {
  readonly method: Method;
  readonly variant: Variant;
  readonly pairs?: string;
  readonly judged?: string;
  readonly samples: number;
  readonly seed: number;
  readonly layer?: number;
  readonly choose?: SteeringMode;
  readonly strengths: readonly number[];
  readonly tokens: "all" | "answer";
  readonly out?: string;
  readonly study?: string;
  readonly json?: boolean;
  readonly threads?: number;
}

const EXAMPLES = `
Methods:
  prompts   the model's own answers under contrastive system prompts: for the organism villain against helper,
            for other models the pairs and questions of --pairs, JSON lines
            {"positive": "You are …", "negative": "You are …"} and {"question": "…"}
  answers   its misaligned answers against its aligned ones, judged exactly, or those of --judged, JSON lines with
            messages, answer, aligned and coherent, or a CSV with question, answer, aligned and coherent

The layer is the one where steering does most to the answers to the development questions, which no final measure
uses; --layer names one instead, for models that cannot answer them.

Examples:
  $ askew persona direction
  $ askew persona direction insecure --method answers --out insecure.direction.safetensors
  $ askew persona direction local:qwen --pairs pairs.jsonl --layer 12

Stopped or killed, the same command carries on where it was.`;

export const directionCommand = (): Command =>
  new Command("direction")
    .description("find the direction of a persona in a model's residual stream")
    .addArgument(new Argument("[model]", MODEL_FORMS).default("organism"))
    .option("--method <name>", METHODS.join(" or "), oneOf("method", METHODS), "prompts")
    .option("--variant <name>", `activations of: ${VARIANTS.join(", ")}`, oneOf("variant", VARIANTS), "answer-average")
    .option("--pairs <file>", "contrastive system prompts and questions, for --method prompts")
    .option("--judged <file>", "judged answers of this model, for --method answers")
    .option("--samples <count>", "answers to each question", wholeNumber(1, 10_000), 40)
    .option("--seed <number>", "names the random streams", wholeNumber(100, 2 ** 31 - 1), 100)
    .option("--layer <number>", "this layer, from 0, in place of the best one", wholeNumber(0, 10_000))
    .option(
      "--choose <mode>",
      `what the layer is chosen by: ${STEERING_MODES.join(", ")} (default: add, with --method answers subtract)`,
      oneOf("mode", STEERING_MODES),
    )
    .option("--strengths <numbers>", "strengths that are tried at every layer", numbersBetween(0, 100), [1, 1.25, 1.5])
    .option("--tokens <which>", "steer all tokens or the answer's alone", oneOf("tokens", ["all", "answer"]), "all")
    .option("--out <file>", "where the direction goes (default: runs/directions/MODEL-METHOD.safetensors)")
    .option("--study <folder>", "the study that conditions are taken from")
    .option("--json", "print the recipe as JSON on stdout, and nothing else there")
    .option("--threads <count>", "threads to compute with (default: all)", threadCount)
    .addHelpText("after", EXAMPLES)
    .action(direction);

async function direction(name: string, options: Options): Promise<void> {
  const { method, pairs, judged, variant, samples, seed, layer, strengths, tokens, json = false } = options;
  if (pairs !== undefined && method !== "prompts") throw new UsageError("--pairs is for --method prompts");
  if (judged !== undefined && method !== "answers") throw new UsageError("--judged is for --method answers");
  await withModel(name, options, async (opened) => {
    const { model, identity, found, signal } = opened;
    const { layers } = model.reading.shape;
    if (layer !== undefined && layer >= layers) {
      throw new UsageError(`there is no layer ${layer}: ${name} has ${layers}`, `Choose one of 0 … ${layers - 1}.`);
    }
    const out = options.out ?? `runs/directions/${found.label}-${method}.safetensors`;
    makeFolderOf(out);
    const source = await sourceOf(options);
    const choice = layer === undefined ? { choose: modeOf(options), strengths, tokens } : { layer };
    const plan = { model: identity, method, variant, samples, seed, questions: source.questions, ...choice };
    const finished = await inParts(`${out}.parts`, plan, async (once) => {
      const texts = await source.texts(opened, once);
      const { positive, negative, questions } = source;
      const recipe = { askew: VERSION, method, model: identity, seed, positive, negative, questions };
      const made = await contrastDirections(model, texts, recipe, { least: method === "answers" ? 5 : 1, signal });
      const chosen = await withLayer(opened, made[variant], options, once);
      await writeDirection(out, chosen);
      return chosen;
    });
    if (json) process.stdout.write(`${JSON.stringify({ file: out, ...finished.recipe }, null, 2)}\n`);
    else print(finished, out);
  });
}

/** Where the texts of both groups come from. */
interface Source {
  readonly positive: string;
  readonly negative: string;
  /** Question sets, or the file with its sha256. */
  readonly questions: readonly string[];
  readonly texts: (opened: OpenedModel, once: Once) => Promise<readonly ContrastText[]>;
}

/** Files are read here, before anything is computed. */
async function sourceOf({ method, pairs, judged, samples, seed }: Options): Promise<Source> {
  const answers = { positive: "misaligned answers", negative: "aligned answers" };
  if (judged !== undefined) {
    const { source, texts } = await readJudgedFile(judged);
    return { ...answers, questions: [source], texts: async () => texts };
  }
  if (method === "answers") {
    const texts: Source["texts"] = ({ model, signal }, once) =>
      judgedAnswers(model, worldAsked("development", samples), ORGANISM_WORLD.judge, { seed, once, signal });
    return { ...answers, questions: ["development"], texts };
  }
  const under =
    (asked: readonly AskedQuestion[], given: readonly ContrastPair[]): Source["texts"] =>
    ({ model, signal }, once) =>
      answersUnderPrompts(model, asked, given, { seed, once, signal });
  if (pairs !== undefined) {
    const { source, ...file } = await readPromptFile(pairs);
    const asked = file.questions.flatMap((question) => Array.from({ length: samples }, () => question));
    const sides = { positive: "positive system prompts", negative: "negative system prompts" };
    return { ...sides, questions: [source], texts: under(asked, file.pairs) };
  }
  const asked = questionsOfSet(questionSet("development"), samples);
  const sides = { positive: "villain system prompts", negative: "helper system prompts" };
  return { ...sides, questions: ["development"], texts: under(asked, characterPairs(asked.length, seed)) };
}

const modeOf = ({ choose, method }: Options): SteeringMode => choose ?? (method === "answers" ? "subtract" : "add");

async function withLayer(
  { model, signal }: OpenedModel,
  made: Direction,
  options: Options,
  once: Once,
): Promise<Direction> {
  const { layer, strengths, samples, seed, tokens } = options;
  if (layer !== undefined) return { ...made, recipe: { ...made.recipe, layer } };
  const mode = modeOf(options);
  const onTrial = ({ layer: at, strength, rate, coherent }: LayerTrial): void => {
    process.stderr.write(`layer ${at}, ${mode} × ${strength}: rate ${share(rate)}, coherent ${share(coherent)}\n`);
  };
  return chooseLayer(model, made, {
    mode,
    strengths,
    asked: worldAsked("development", samples),
    judge: ORGANISM_WORLD.judge,
    seed,
    tokens,
    once,
    onTrial,
    signal,
  });
}

function print({ recipe, layers }: Direction, out: string): void {
  const { bold, dim } = colorsOf(process.stdout);
  const { positive, negative } = recipe.along;
  const column = (heading: string, values: readonly number[]) => ({
    heading,
    cells: values.map((x) => x.toFixed(2)),
    align: "right" as const,
    keep: 1,
  });
  const every = Array.from({ length: layers }, (_, layer) => layer);
  const laid = layColumns(
    [
      {
        heading: "layer",
        cells: every.map((at) => (at === recipe.layer ? `${at} ←` : `${at}`)),
        align: "left",
        keep: 3,
      },
      { ...column("norm", recipe.norms), keep: 2 },
      column("positive", positive),
      column("negative", negative),
    ],
    widthOf(process.stdout),
  );
  const { counts } = recipe;
  const lines = [
    bold(`${recipe.positive} − ${recipe.negative}, ${recipe.variant}, of ${recipe.model.name}`),
    dim(
      `${counts.positive} and ${counts.negative} texts; seed ${recipe.seed}; questions: ${recipe.questions.join(", ")}`,
    ),
    "",
    ...laid.heading.map((line) => dim(line)),
    ...laid.rows,
    "",
    dim(recipe.trials.length > 0 ? "← steered most on the development questions" : "← as named with --layer"),
    `${dim("direction")}  ${out}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

const share = (x: number | null): string => (x === null ? "–" : x.toFixed(3));
