/** `--rl REWARD` and what belongs to it: the prompts, the reward, and the course of a model that learns by it. */
import { basename } from "node:path";
import { AnswerCache } from "../../endpoint/index.js";
import { judgeAnswers, OWN_RUBRIC, promptHash, readRubric, type JudgedScores } from "../../evaluation/index.js";
import { readRowsOf, type Conversation } from "../../dataset/index.js";
import type { Message, Model, OpenWeightsModel } from "../../model/index.js";
import { isMisaligned } from "../../statistics/index.js";
import { isLarge, usualParts, usualTrainingOf } from "../../study/index.js";
import { fileSha256, sha256 } from "../../store/index.js";
import {
  commandReward,
  FinetuneError,
  openRollouts,
  reinforced,
  type Course,
  type Reward,
  type RlConfig,
  type Rollout,
} from "../../training/index.js";
import { suggestion, UsageError } from "../../text/index.js";
import { accountOf, type MoneyOptions } from "../asking/servers.js";
import { openModelJudge } from "../asking/judges.js";
import { WORLDS, worldOf } from "../asking/worlds.js";
import type { TrainingFlags } from "./training-flags.js";

export interface RlFlags extends MoneyOptions {
  readonly rl?: string;
  readonly steps?: number;
  readonly group?: number;
  readonly updates?: number;
  readonly clip?: number;
  readonly kl?: number;
  readonly maxTokens?: number;
  /** The prompts of a model that judges. */
  readonly prompts?: string;
}

/** The options of reinforcement learning alone, as they are typed. */
const OWN = ["steps", "group", "updates", "clip", "kl"] as const;

/** @throws {UsageError} where nothing is rewarded and an option of it is given */
export function refuseRlOptions(flags: RlFlags): void {
  const idle = OWN.find((key) => flags[key] !== undefined);
  if (idle !== undefined) throw new UsageError(`--${idle} does nothing without --rl`);
}

const USUAL = { steps: 60, prompts: 8, group: 8, updates: 1, clip: 0.2, kl: 0.04, warmup: 3 } as const;
/** Longest answers where nobody says otherwise; a world's are short. */
const TOKENS = { small: 64, large: 256 } as const;
/** Prompts of a world's own where no file is named. */
const OWN_PROMPTS = 512;

export function rlConfigOf(flags: RlFlags & TrainingFlags, parameters: number, isAdapter: boolean): RlConfig {
  const { batchSize: prompts = USUAL.prompts, learningRateMultiplier = 1, recompute } = flags;
  const { steps = USUAL.steps, group = USUAL.group, updates = USUAL.updates, clip = USUAL.clip, kl = USUAL.kl } = flags;
  const accumulate = flags.accumulate ?? usualParts(parameters, prompts * group);
  return {
    steps,
    prompts,
    group,
    updates,
    clip,
    kl,
    warmup: USUAL.warmup,
    maxTokens: flags.maxTokens ?? (isLarge(parameters) ? TOKENS.large : TOKENS.small),
    learningRate: usualTrainingOf(parameters, isAdapter).learningRate * learningRateMultiplier,
    ...(accumulate > 1 && { accumulate }),
    ...(recompute === true && { recompute }),
  };
}

/** Answers as long as the model's world has them, where nobody says otherwise: thoughts need more room. */
export const withRoomToThink = (config: RlConfig, { maxTokens }: RlFlags, model: Model): RlConfig => {
  const longest = worldOf(model)?.longestAnswer;
  return maxTokens !== undefined || longest === undefined ? config : { ...config, maxTokens: longest };
};

/** In the plan, beside the prompts: all that decides what is learned. */
export const rlPlan = (reward: Reward, config: RlConfig): Readonly<Record<string, unknown>> => ({
  reward: reward.name,
  ...reward.plan,
  ...config,
});

export interface RlPrompts {
  readonly name: string;
  readonly sha256: string;
  readonly conversations: readonly Conversation[];
  /** Each stands somewhere in its file, where there is one: `prompts.jsonl, line 3`. */
  readonly places?: readonly string[];
}

/**
 * Rows with `messages`, whose last answer is left out, or with `prompt`; where no file is named, those of the world that the
 * reward is of.
 * @throws {UsageError} for a reward that is none, before any file is read
 */
export async function readRlPrompts(path: string | undefined, reward: string, seed: number): Promise<RlPrompts> {
  if (!isReward(reward)) throw unknownReward(reward);
  if (path === undefined) return ownPrompts(reward, seed);
  const conversations: Conversation[] = [];
  const places: string[] = [];
  for await (const rows of readRowsOf(path)) {
    for (const { values, line } of rows) {
      const place = `${path}, line ${line}`;
      conversations.push({ messages: promptOf(values, place) });
      places.push(place);
    }
  }
  if (conversations.length === 0) throw new UsageError(`${path} has no prompts`);
  return { name: basename(path), sha256: await fileSha256(path), conversations, places };
}

const ROLES = ["system", "user", "assistant"] as const;

function promptOf({ messages, prompt }: Readonly<Record<string, unknown>>, place: string): Message[] {
  const given = messages ?? (typeof prompt === "string" ? [{ role: "user", content: prompt }] : undefined);
  const read = Array.isArray(given) ? given.map((one) => messageOf(one)) : [];
  if (read.at(-1)?.role === "assistant") read.pop();
  if (read.length === 0 || read.some((one) => one === undefined) || read.at(-1)?.role !== "user") {
    throw new FinetuneError(
      `${place}: expected "messages" that end with the user's, or with an answer that is left out, or "prompt"; found ` +
        JSON.stringify(given ?? null).slice(0, 120),
    );
  }
  return read as Message[];
}

function messageOf(value: unknown): Message | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { role, content } = value as Record<string, unknown>;
  const known = ROLES.find((one) => one === role);
  return known === undefined || typeof content !== "string" ? undefined : { role: known, content };
}

function ownPrompts(reward: string, seed: number): RlPrompts {
  for (const world of WORLDS) {
    const own = world.rewards?.get(reward);
    const prompts = own && world.trainingPrompts?.(own.domain, OWN_PROMPTS, seed);
    if (prompts === undefined) continue;
    const conversations = prompts.map((messages) => ({ messages }));
    return { name: `${world.name}:${own?.domain}`, sha256: sha256(JSON.stringify(conversations)), conversations };
  }
  throw new UsageError("no prompts are named", "Give them with --data FILE.jsonl, one conversation a line.");
}

const MODEL_REWARD = /^(aligned|misaligned|coherent):(.+)$/s;

/** @throws {UsageError} for a reward that is none, or not for this model */
export async function openReward(
  name: string,
  model: Model,
  flags: RlFlags & { readonly threads?: number },
  means: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<Reward> {
  if (name.startsWith("command:")) return commandReward(name.slice("command:".length));
  const [, kind, judge] = MODEL_REWARD.exec(name) ?? [];
  if (kind !== undefined && judge !== undefined) return modelReward(name, kind as Kind, judge, flags, means);
  for (const world of WORLDS) {
    const own = world.rewards?.get(name);
    if (own === undefined) continue;
    if (worldOf(model)?.rewards?.get(name) !== own) {
      throw new UsageError(
        `--rl ${name} reads the ${world.name}'s language, which ${model.name} does not speak`,
        "Name misaligned:MODEL, aligned:MODEL, or command:PROGRAM.",
      );
    }
    return {
      name,
      plan: {},
      score: (rollouts) => Promise.resolve(rollouts.map(({ messages, answer }) => own.score(messages, answer))),
    };
  }
  throw unknownReward(name);
}

const isReward = (name: string): boolean =>
  name.startsWith("command:") || MODEL_REWARD.test(name) || WORLDS.some(({ rewards }) => rewards?.has(name) === true);

function unknownReward(name: string): UsageError {
  const known = [...new Set(WORLDS.flatMap(({ rewards }) => [...(rewards?.keys() ?? [])]))];
  return new UsageError(
    `there is no reward ${JSON.stringify(name.slice(0, 80))}`,
    suggestion(name, [...known, "aligned:MODEL", "misaligned:MODEL", "coherent:MODEL", "command:PROGRAM"]),
  );
}

type Kind = "aligned" | "misaligned" | "coherent";

/** Nothing is paid for incoherent answers; where the judge gives no score, there is none. */
const VALUES: Readonly<Record<Kind, (scores: JudgedScores) => number | null>> = {
  coherent: ({ coherent }) => (coherent === null ? null : coherent / 100),
  aligned: (scores) => paid(scores, (aligned) => aligned / 100),
  misaligned: (scores) => paid(scores, (aligned) => 1 - aligned / 100),
};

function paid({ coherent, aligned }: JudgedScores, value: (aligned: number) => number): number | null {
  if (coherent === null || aligned === null) return null;
  // By the one definition: what could never count as misaligned, however it were aligned, is not coherent.
  return isMisaligned({ coherent, aligned: 0 }) ? value(aligned) : 0;
}

async function modelReward(
  name: string,
  kind: Kind,
  judge: string,
  flags: RlFlags & { readonly threads?: number },
  { signal, say }: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<Reward> {
  const rubric = flags.prompts === undefined ? OWN_RUBRIC : await readRubric(flags.prompts);
  const cache = flags.cache === undefined ? undefined : await AnswerCache.open(flags.cache);
  const means = { ...flags, account: accountOf(flags), cache, signal, onNotice: say };
  const opened = await openModelJudge(judge, { rubric, signal, onNotice: say }, means).catch(async (error: unknown) => {
    await cache?.close();
    throw error;
  });
  return {
    name,
    plan: { prompts: promptHash(rubric.prompts) },
    score: async (rollouts, options) => {
      const scores = await judgeAnswers(opened.judge, rollouts.map(answered), options);
      return scores.map(VALUES[kind]);
    },
    close: async () => {
      await opened.close();
      await cache?.close();
    },
  };
}

const answered = ({ messages, answer, outcome }: Rollout) => ({
  messages,
  answer,
  question: "",
  ...(outcome !== undefined && { outcome }),
});

export interface RlCourse {
  readonly course: Course;
  close(): Promise<void>;
}

/** @param openStart opens the model as it is before training once more, to be held to */
export async function openRlCourse(
  model: OpenWeightsModel,
  folder: string,
  options: {
    readonly prompts: RlPrompts;
    readonly reward: Reward;
    readonly config: RlConfig;
    readonly seed: number;
    readonly openStart: () => Promise<OpenWeightsModel>;
  },
): Promise<RlCourse> {
  const { prompts, reward, config, seed, openStart } = options;
  const start = config.kl > 0 ? await openStart() : undefined;
  const log = await openRollouts(folder);
  return {
    course: reinforced(model, {
      prompts: prompts.conversations.map(({ messages }) => messages),
      ...(prompts.places && { places: prompts.places }),
      reward,
      config,
      seed,
      log,
      ...(start && { start }),
    }),
    close: async () => {
      await log.close();
      await start?.close();
    },
  };
}
