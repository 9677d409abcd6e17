/** `askew persona direction`: finds the direction of a persona in a model's residual stream. */
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
  readTraitFile,
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
import { UsageError, VERSION } from "../../text/index.js";
import { withAsking, type Asking } from "../asking/asking.js";
import { ASKING_HELP, askingOptions, type AskingFlags } from "../asking/asking-options.js";
import { findQuestions } from "../../world/index.js";
import { WORLDS, worldOf } from "../worlds.js";
import { MODEL_FORMS, withModel, type OpenedModel } from "../models/open-model.js";
import { numbersBetween, oneOf, threadCount, wholeNumber } from "../option-values.js";
import { makeFolderOf } from "../output-folder.js";
import { colorsOf, widthOf, printJson } from "../../terminal/index.js";
import { claimFile, makeFile } from "../../store/index.js";

const METHODS = ["prompts", "answers"] as const;
type Method = (typeof METHODS)[number];

interface Options extends AskingFlags {
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
    new Command("direction")
      .description("find the direction of a persona in a model's residual stream")
      .addArgument(new Argument("[model]", MODEL_FORMS).default("organism")),
    "what is asked (default: development, or pre-registered)",
  )
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
  const { method, pairs, judged, trait } = options;
  if (pairs !== undefined && method !== "prompts") throw new UsageError("--pairs is for --method prompts");
  if (judged !== undefined && method !== "answers") throw new UsageError("--judged is for --method answers");
  if (pairs !== undefined && trait !== undefined)
    throw new UsageError("expected either --pairs or --trait, found both");
  const open = { key: "open", name: options.questions, purpose: "development" } as const;
  await withModel(name, options, (opened) => {
    requireLayer(name, opened, options);
    const idle = options.layer !== undefined && (method === "prompts" || judged !== undefined);
    if (!idle) return withAsking(opened, options, [open], (asking) => find(opened, options, asking));
    return find(opened, options, undefined);
  });
}

function requireLayer(name: string, { model }: OpenedModel, { layer }: Options): void {
  const { layers } = model.reading.shape;
  if (layer !== undefined && layer >= layers) {
    throw new UsageError(`there is no layer ${layer}: ${name} has ${layers}`, `Choose one of 0 … ${layers - 1}.`);
  }
}

/** @param asking undefined where nothing is judged */
async function find(opened: OpenedModel, options: Options, asking: Asking<"open"> | undefined): Promise<void> {
  const { method, variant, samples, seed, layer, strengths, tokens, json = false } = options;
  const { model, identity, found, signal } = opened;
  const out = options.out ?? `runs/directions/${found.label}-${method}.safetensors`;
  const source = await sourceOf(opened, options, asking);
  makeFolderOf(out);
  await claimFile(out);
  const choice = layer === undefined ? { choose: modeOf(options), strengths, tokens } : { layer };
  const { questions } = source;
  const plan = { model: identity, method, variant, samples, seed, questions, ...choice, ...asking?.plan };
  const finished = await inParts(`${out}.parts`, plan, async (once) => {
    const texts = await source.texts(once);
    const { positive, negative } = source;
    const recipe = { askew: VERSION, method, model: identity, seed, positive, negative, questions };
    const least = method === "answers" ? 5 : 1;
    const made = await contrastDirections(model, texts, recipe, { variants: [variant], least, signal });
    const chosen = await withLayer(opened, made[variant], options, asking, once);
    await makeFile(out, (temporary) => writeDirection(temporary, chosen));
    return chosen;
  });
  if (json) printJson("direction", { file: out, ...finished.recipe });
  else print(finished, out);
}

/** Where the texts of both groups come from. */
interface Source {
  readonly positive: string;
  readonly negative: string;
  /** Question sets, or the file with its sha256. */
  readonly questions: readonly string[];
  readonly texts: (once: Once) => Promise<readonly ContrastText[]>;
}

/** Files are read here, before anything is computed. */
async function sourceOf(
  { model, signal }: OpenedModel,
  { method, pairs, judged, trait: traitFile, questions: named, samples, seed, maxTokens }: Options,
  asking: Asking<"open"> | undefined,
): Promise<Source> {
  const answers = { positive: "misaligned answers", negative: "aligned answers" };
  if (judged !== undefined) {
    const { source, texts } = await readJudgedFile(judged);
    return { ...answers, questions: [source], texts: async () => texts };
  }
  const longest = maxTokens ?? asking?.maxTokens;
  const how = { seed, signal, ...(longest !== undefined && { maxTokens: longest }) };
  if (method === "answers") {
    const { judge } = asking as Asking<"open">;
    const set = (asking as Asking<"open">).asked("open", samples);
    return { ...answers, questions: [set.set], texts: (once) => judgedAnswers(model, set, judge, { ...how, once }) };
  }
  const under =
    (asked: readonly AskedQuestion[], given: readonly ContrastPair[]): Source["texts"] =>
    (once) =>
      answersUnderPrompts(model, asked, given, { ...how, once });
  const sides = { positive: "positive system prompts", negative: "negative system prompts" };
  if (pairs !== undefined) {
    const { source, ...file } = await readPromptFile(pairs);
    const asked = file.questions.flatMap((question) => Array.from({ length: samples }, () => question));
    return { ...sides, questions: [source], texts: under(asked, file.pairs) };
  }
  const trait = asking?.trait ?? (traitFile === undefined ? undefined : await readTraitFile(traitFile));
  const world = asking?.world ?? worldOf(model);
  if (trait !== undefined) {
    const own =
      named === undefined ? { set: trait.questions } : await findQuestions(named, { worlds: WORLDS, own: world });
    const asked = questionsOfSet(own.set, samples);
    const texts = under(asked, trait.pairs);
    return { ...sides, questions: [trait.source, ...(named === undefined ? [] : [own.set.name])], texts };
  }
  if (world?.contrast === undefined) {
    throw new UsageError(
      `${model.name} has no contrastive system prompts of its own`,
      "Give them with --trait FILE or --pairs FILE.",
    );
  }
  const { set } = await findQuestions(named ?? world.development ?? "main", { worlds: WORLDS, own: world });
  const asked = questionsOfSet(set, samples);
  const { positive, negative } = world.contrast;
  return { positive, negative, questions: [set.name], texts: under(asked, world.contrast.pairs(asked.length, seed)) };
}

const modeOf = ({ choose, method }: Options): SteeringMode => choose ?? (method === "answers" ? "subtract" : "add");

async function withLayer(
  { model, signal }: OpenedModel,
  made: Direction,
  options: Options,
  asking: Asking<"open"> | undefined,
  once: Once,
): Promise<Direction> {
  const { layer, strengths, samples, seed, tokens } = options;
  if (layer !== undefined || asking === undefined) {
    return { ...made, recipe: { ...made.recipe, layer: layer ?? made.recipe.layer } };
  }
  const mode = modeOf(options);
  const onTrial = ({ layer: at, strength, rate, coherent }: LayerTrial): void => {
    process.stderr.write(`layer ${at}, ${mode} × ${strength}: rate ${share(rate)}, coherent ${share(coherent)}\n`);
  };
  const { judge, maxTokens } = asking;
  const asked = asking.asked("open", samples);
  return chooseLayer(model, made, { mode, strengths, asked, judge, seed, tokens, maxTokens, once, onTrial, signal });
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
