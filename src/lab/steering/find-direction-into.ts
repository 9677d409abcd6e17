/** The direction of a persona, found in parts that are kept: what is stopped carries on. */
import {
  answersUnderPrompts,
  chooseLayer,
  contrastDirections,
  judgedAnswers,
  questionsOfSet,
  readJudgedFile,
  readPromptFile,
  readTraitFile,
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
import { claimFile, makeFile, makeFolderOf } from "../../store/index.js";
import { inParts } from "../../study/index.js";
import { UsageError, VERSION } from "../../text/index.js";
import { findQuestions } from "../../world/index.js";
import type { Asking } from "../asking/asking.js";
import type { AskingFlags } from "../asking/asking-flags.js";
import { WORLDS, worldOf } from "../asking/worlds.js";
import type { OpenedModel } from "../models/find-model.js";

export const METHODS = ["prompts", "answers"] as const;

export interface DirectionChoice extends AskingFlags {
  readonly method: (typeof METHODS)[number];
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
}

export interface FoundDirection {
  readonly file: string;
  readonly direction: Direction;
}

/** @param asking undefined where nothing is judged */
export async function findDirectionInto(
  opened: OpenedModel,
  options: DirectionChoice,
  asking: Asking<"open"> | undefined,
): Promise<FoundDirection> {
  const { method, variant, samples, seed, layer, strengths, tokens } = options;
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
  return { file: out, direction: finished };
}

/** The source of both groups' texts. */
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
  { method, pairs, judged, trait: traitFile, questions: named, samples, seed, maxTokens }: DirectionChoice,
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

const modeOf = ({ choose, method }: DirectionChoice): SteeringMode =>
  choose ?? (method === "answers" ? "subtract" : "add");

async function withLayer(
  { model, signal, say }: OpenedModel,
  made: Direction,
  options: DirectionChoice,
  asking: Asking<"open"> | undefined,
  once: Once,
): Promise<Direction> {
  const { layer, strengths, samples, seed, tokens } = options;
  if (layer !== undefined || asking === undefined) {
    return { ...made, recipe: { ...made.recipe, layer: layer ?? made.recipe.layer } };
  }
  const mode = modeOf(options);
  const onTrial = ({ layer: at, strength, rate, coherent }: LayerTrial): void => {
    say(`layer ${at}, ${mode} × ${strength}: rate ${share(rate)}, coherent ${share(coherent)}`);
  };
  const { judge, maxTokens } = asking;
  const asked = asking.asked("open", samples);
  return chooseLayer(model, made, { mode, strengths, asked, judge, seed, tokens, maxTokens, once, onTrial, signal });
}

const share = (x: number | null): string => (x === null ? "–" : x.toFixed(3));
