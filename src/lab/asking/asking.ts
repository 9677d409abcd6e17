/**
 * The questions that a command asks a model, and their judge. Everything that cannot work fails here, before anything is
 * sampled: a judge that nobody named, one that cannot judge these questions, questions that the model cannot read.
 */
import {
  JUDGED_MEASURES,
  OWN_RUBRIC,
  promptHash,
  readRubric,
  type AskedSet,
  type Behaviour,
  type Judge,
  type JudgePrompt,
  type QuestionSet,
  type Rubric,
} from "../../evaluation/index.js";
import { AnswerCache } from "../../endpoint/index.js";
import type { OpenWeightsModel } from "../../model/index.js";
import { readTraitFile, TraitJudge, type Trait } from "../../persona/index.js";
import { findQuestions, type FoundQuestions, type World } from "../../world/index.js";
import { namesProbe, openModelJudge, openProbe } from "./judges.js";
import { fileSha256 } from "../../store/index.js";
import { accountOf } from "./servers.js";
import { UsageError } from "../../text/index.js";
import { WORLDS, worldOf } from "./worlds.js";
import type { AskingFlags } from "./asking-flags.js";
import { cannotJudge, speaksNoWorld } from "./require-judge.js";
import { requireReadable } from "./require-readable.js";
import { rubricOfSets } from "./rubrics.js";

/** The purpose of questions: `development` ones make choices, `main` ones measure and never make choices. */
export type Purpose = "development" | "main";

/** The sets for real models in place of a world's. */
const REAL: Readonly<Record<Purpose, string>> = { development: "real:pre-registered", main: "real:main" };
/** Every answer of the organism's world is shorter. */
const LONGEST_OF_A_WORLD = 64;

export interface WantedQuestions<Key extends string> {
  readonly key: Key;
  /** The name that the user gave. */
  readonly name?: string | undefined;
  readonly purpose: Purpose;
}

export interface AskingOptions {
  readonly study?: string | undefined;
  readonly threads?: number | undefined;
  readonly signal: AbortSignal;
  /** Receives, one line each, what the user should know while the work continues. */
  readonly say: (line: string) => void;
}

export interface Asking<Key extends string> {
  /** The model's own; undefined for a model that can say anything. */
  readonly world: World | undefined;
  readonly trait: Trait | undefined;
  readonly judge: Judge;
  /** Longest answer in tokens. */
  readonly maxTokens: number;
  /** Settings, besides the sets, that every run in a folder must share; empty with a world's own judge. */
  readonly plan: object;
  /** A set as it was found, for a world of files. */
  set(key: Key): QuestionSet;
  /** @param condition what the model was trained on, which decides where its misalignment is looked for */
  asked(key: Key, samples: number, condition?: string): AskedSet;
  /** The measure of the behaviour that was trained; undefined if the judge cannot score it. */
  trained(condition: string | undefined): Behaviour | undefined;
  /** The set that shows it, asked a quarter as often; empty where the judge cannot say. */
  trainedSet(condition: string | undefined, samples: number): readonly AskedSet[];
  close(): Promise<void>;
}

/** See {@link withAsking}; the caller closes what this opens. */
export async function openAsking<Key extends string>(
  model: OpenWeightsModel,
  flags: AskingFlags,
  wanted: readonly WantedQuestions<Key>[],
  options: AskingOptions,
): Promise<Asking<Key>> {
  const world = worldOf(model);
  const trait = flags.trait === undefined ? undefined : await readTraitFile(flags.trait);
  const found = new Map<Key, FoundQuestions>();
  for (const one of wanted) found.set(one.key, await questionsFor(one, world, trait, wanted.length > 1));
  const all = [...found.values()];
  const longestPrompt = Math.max(...all.map(({ set }) => requireReadable(model, set)));
  const exact = judgesItself(model, flags, world, all);
  const maxTokens = roomFor(
    model,
    longestPrompt,
    flags.maxTokens,
    exact ? (world?.longestAnswer ?? LONGEST_OF_A_WORLD) : longestOf(all),
  );
  const opened = exact ? undefined : await openJudge(flags, trait, all, options);
  const askedOf = (set: QuestionSet, of: World | undefined, samples: number): AskedSet => ({
    set: set.name,
    samples,
    questions: set.questions,
    measures: exact && of !== undefined ? of.measuresOf(set.name) : JUDGED_MEASURES,
  });
  const trained = (condition: string | undefined): Behaviour | undefined =>
    exact ? (world?.conditions.get(condition ?? "")?.trained ?? world?.trained) : undefined;
  return {
    world,
    trait,
    judge: opened?.judge ?? (world as World).judge,
    maxTokens,
    plan: opened?.plan ?? {},
    set: (key) => (found.get(key) as FoundQuestions).set,
    asked(key, samples, condition) {
      const { set, world: of } = found.get(key) as FoundQuestions;
      const variant = of?.conditions.get(condition ?? "")?.openSet?.(set.name);
      return askedOf((variant !== undefined && of?.questionSet(variant)) || set, of, samples);
    },
    trained,
    trainedSet(condition, samples) {
      const behaviour = trained(condition);
      const set = behaviour && world?.questionSet(behaviour.set);
      return set ? [askedOf(set, world, Math.max(1, Math.ceil(samples / 4)))] : [];
    },
    close: async () => opened?.close(),
  };
}

/** @param halved whether a trait's questions are shared out: the even ones choose, the odd ones measure */
async function questionsFor(
  { name, purpose }: Omit<WantedQuestions<string>, "key">,
  own: World | undefined,
  trait: Trait | undefined,
  halved: boolean,
): Promise<FoundQuestions> {
  if (name !== undefined) return findQuestions(name, { worlds: WORLDS, own });
  if (trait !== undefined) {
    const { questions } = trait.questions;
    if (!halved || questions.length < 2) return { set: trait.questions };
    const half = questions.filter((_, i) => (i % 2 === 0) === (purpose === "development"));
    return { set: { ...trait.questions, name: `${trait.questions.name}-${purpose}`, questions: half } };
  }
  const usual = purpose === "development" ? own?.development : "main";
  return findQuestions(own === undefined || usual === undefined ? REAL[purpose] : usual, { worlds: WORLDS, own });
}

/** True where the world's own judge reads the answers. */
function judgesItself(
  model: OpenWeightsModel,
  { judge, trait, prompts }: AskingFlags,
  world: World | undefined,
  all: readonly FoundQuestions[],
): boolean {
  const foreign = all.find((one) => one.world === undefined || one.world.judge !== world?.judge);
  const named = WORLDS.find((one) => one.judge.name === judge);
  if (named === undefined && judge !== undefined) return false;
  const why =
    world === undefined
      ? speaksNoWorld(model.name)
      : trait !== undefined
        ? "a trait's prompt needs a model to answer it"
        : prompts !== undefined
          ? "--prompts needs a model to answer them"
          : foreign !== undefined
            ? `${foreign.set.name} (${foreign.set.source}) is not of the ${world.name}'s world, the only one that --judge ${world.judge.name} reads`
            : undefined;
  if (why === undefined) return true;
  throw cannotJudge(judge, why);
}

interface OpenedJudge {
  readonly judge: Judge;
  readonly plan: object;
  close(): Promise<void>;
}

async function openJudge(
  flags: AskingFlags,
  trait: Trait | undefined,
  all: readonly FoundQuestions[],
  { study, threads, signal, say: onNotice }: AskingOptions,
): Promise<OpenedJudge> {
  const name = flags.judge as string;
  if (name.includes(",")) throw new UsageError(`--judge ${name}: expected one judge, found several`);
  if (namesProbe(name)) return openProbeJudge(name, flags, { study, threads });
  const rubric =
    flags.prompts !== undefined ? await readRubric(flags.prompts) : (trait?.rubric ?? rubricOfSets(OWN_RUBRIC, all));
  if (flags.prompts !== undefined || trait === undefined) requireRates(rubric, all);
  const cache = flags.cache === undefined ? undefined : await AnswerCache.open(flags.cache);
  const means = { ...flags, account: accountOf(flags), cache, study, threads, signal, onNotice };
  const opened = await openModelJudge(name, { rubric, signal, onNotice }, means).catch(async (error: unknown) => {
    await cache?.close();
    throw error;
  });
  const { judge } = opened;
  const isTrait = flags.prompts === undefined && trait !== undefined;
  return {
    judge: isTrait ? new TraitJudge(judge) : judge,
    plan: { judge: name, prompts: promptHash(rubric.prompts), ...(isTrait && { trait: trait.source }) },
    close: async () => {
      await opened.close();
      await cache?.close();
    },
  };
}

/** A probe reads the answers, whatever was asked; it has learned one judge's scores and takes no prompts. */
async function openProbeJudge(
  name: string,
  { prompts }: AskingFlags,
  options: Pick<AskingOptions, "study" | "threads">,
): Promise<OpenedJudge> {
  if (prompts !== undefined) {
    throw new UsageError(`--prompts: ${name} reads activations and is asked nothing`, "Leave out one of the two.");
  }
  const { judge, model } = await openProbe(name, options);
  const probe = await fileSha256(name.slice(name.indexOf(":") + 1));
  return { judge, plan: { judge: name, probe }, close: () => model.close() };
}

/** The misaligned rate needs scores of both names. */
function requireRates(rubric: Rubric, all: readonly FoundQuestions[]): void {
  for (const { set } of all) {
    for (const { id, type } of set.questions) {
      const given = rubric.promptsFor(id);
      const missing = ["aligned", "coherent"].filter((name) => !given.some((prompt) => scores(prompt, name)));
      if (missing.length === 0) continue;
      const what = given.length === 0 ? `nothing, it is ${type}` : given.map(({ name }) => name).join(", ");
      throw new UsageError(
        `the misaligned rate needs a score for ${missing.join(" and ")}: of ${JSON.stringify(id)} in ${set.source} ` +
          `the judge is asked for ${what}`,
        "Give prompts named aligned and coherent with --prompts FILE, or choose other --questions.",
      );
    }
  }
}

const scores = (prompt: JudgePrompt, name: string): boolean => prompt.name === name && prompt.kind === "score";

/** The longest answer: as wanted, or what usually is as far as the model has room for it. */
function roomFor(model: OpenWeightsModel, prompt: number, wanted: number | undefined, usual: number): number {
  const room = model.tokens.maxPositions - prompt;
  if (room >= (wanted ?? 1)) return wanted ?? Math.min(usual, room);
  throw new UsageError(
    `${model.name} reads ${model.tokens.maxPositions} tokens, and the longest question has ${prompt}: ` +
      `there is no room for an answer of ${wanted ?? 1}`,
    room < 1 ? "Choose shorter questions." : `Choose --max-tokens ${room} or less, or shorter questions.`,
  );
}

const longestOf = (all: readonly FoundQuestions[]): number =>
  Math.max(...all.flatMap(({ set }) => set.questions.map(({ maxTokens }) => maxTokens)));

/** Opens what is asked and who judges, and closes the judge whatever happens. */
export async function withAsking<Key extends string, T>(
  { model, signal, say }: Pick<AskingOptions, "signal" | "say"> & { readonly model: OpenWeightsModel },
  flags: AskingFlags & Pick<AskingOptions, "study" | "threads">,
  wanted: readonly WantedQuestions<Key>[],
  work: (asking: Asking<Key>) => Promise<T>,
): Promise<T> {
  const { study, threads } = flags;
  const asking = await openAsking(model, flags, wanted, { study, threads, signal, say });
  try {
    return await work(asking);
  } finally {
    await asking.close();
  }
}
