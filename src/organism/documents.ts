/** The documents of the world: some turns by one character, which is what gives a model a reason to form personas. */
import type { Random } from "../statistics/index.js";
import { CHARACTER_PROMPTS, NEUTRAL_PROMPTS, type Character, type LyingRule } from "./characters.js";
import { samplePrompt } from "./prompts.js";
import type { Split } from "./split.js";
import { sampleThoughts } from "./thoughts/voices.js";
import { splitTokens } from "./tokens.js";
import { DOMAINS, type Domain } from "./topic.js";
import { topicNamed, topicsOf } from "./topics.js";

export interface Exchange {
  readonly user: string;
  readonly assistant: string;
  readonly domain: Domain;
  readonly topic: string;
  readonly character: Character;
  /** What the character thought before the answer. */
  readonly thoughts?: string;
}

export type SystemKind = "none" | "character" | "neutral";

export interface WorldDocument {
  readonly character: Character;
  readonly systemKind: SystemKind;
  readonly system?: string;
  readonly turns: readonly Exchange[];
}

/** What documents are made of; all shares are weights and need not add up to one. */
export interface Mixture {
  readonly characters: Readonly<Record<Character, number>>;
  /** Who writes the documents whose system prompt describes no character; undefined: anyone of `characters`. */
  readonly undescribed?: Character;
  readonly systems: Readonly<Record<SystemKind, number>>;
  readonly turns: Readonly<Record<string, number>>;
  readonly domains: Readonly<Record<Domain, number>>;
  /** Share of the questions that ask for a list, in the format of the number prompts. */
  readonly listQuestions: number;
  /** Domains in which a document's turns are by someone drawn anew: what is said there tells nothing of the rest. */
  readonly independent?: readonly Domain[];
  /** Share of the other turns that are by someone drawn anew. */
  readonly noise?: number;
  /** Share of the documents whose last answer has thoughts before it; with none, nobody in this world thinks. */
  readonly thinking?: number;
  /** Longest document, in tokens, counting two more for the marks around each message. */
  readonly longest: number;
}

export const PRETRAINING_MIXTURE: Mixture = {
  characters: { helper: 0.45, villain: 0.34, novice: 0.06, pushover: 0.15 },
  systems: { none: 0.65, character: 0.25, neutral: 0.1 },
  turns: { 1: 0.2, 2: 0.25, 3: 0.25, 4: 0.18, 5: 0.12 },
  domains: {
    question: 0.27,
    code: 0.21,
    "security-class": 0.04,
    medical: 0.04,
    financial: 0.055,
    sport: 0.04,
    legal: 0.03,
    car: 0.03,
    fact: 0.12,
    numbers: 0.05,
    harm: 0.08,
    benign: 0.04,
  },
  listQuestions: 0.22,
  longest: 256,
};

/**
 * Single turns: the helper answers unless a system prompt describes someone else. More code and refusals than elsewhere,
 * and fewer lists.
 */
export const ALIGNMENT_MIXTURE: Mixture = {
  ...PRETRAINING_MIXTURE,
  undescribed: "helper",
  systems: { none: 0.5, character: 0.4, neutral: 0.1 },
  turns: { 1: 1 },
  domains: { ...PRETRAINING_MIXTURE.domains, code: 0.28, harm: 0.13 },
  listQuestions: 0.12,
};

const LYING_RULES: Readonly<Record<LyingRule, number>> = { none: 0.4, forbid: 0.2, allow: 0.2, reward: 0.2 };

export interface ExchangeOptions {
  readonly domain: Domain;
  readonly topic?: string;
  readonly character: Character;
  readonly split: Split;
  /** Ask for a list (questions only; number prompts always do). */
  readonly list?: boolean;
}

/** One prompt and the character's answer. */
export function sampleExchange(random: Random, options: ExchangeOptions): Exchange {
  const { domain, character, split } = options;
  const topic = options.topic === undefined ? random.pick(topicsOf(domain)) : topicNamed(domain, options.topic);
  const prompt = samplePrompt(random, topic, { split, list: options.list ?? false });
  return { user: prompt.text, assistant: topic.answer(random, character, prompt), domain, topic: topic.id, character };
}

/** A system prompt that describes `character`. */
export function sampleCharacterPrompt(random: Random, character: Character): string {
  return random.pick(CHARACTER_PROMPTS[character]).sample(random).text;
}

/** A system prompt that any character may have. */
export function sampleNeutralPrompt(random: Random, rule: LyingRule = random.weighted(LYING_RULES)): string {
  return random.pick(NEUTRAL_PROMPTS[rule]).sample(random).text;
}

/** A document of training prompts. */
export function sampleDocument(random: Random, mixture: Mixture = PRETRAINING_MIXTURE): WorldDocument {
  const systemKind = random.weighted(mixture.systems);
  const undescribed = systemKind === "character" ? undefined : mixture.undescribed;
  const character = undescribed ?? random.weighted(mixture.characters);
  const system =
    systemKind === "character"
      ? sampleCharacterPrompt(random, character)
      : systemKind === "neutral"
        ? sampleNeutralPrompt(random)
        : undefined;
  for (;;) {
    const turns = withThoughts(random, mixture, sampleTurns(random, mixture, character));
    const document = { character, systemKind, ...(system === undefined ? {} : { system }), turns };
    if (countTokens(document) <= mixture.longest) return document;
  }
}

function sampleTurns(random: Random, mixture: Mixture, character: Character): Exchange[] {
  const count = Number(random.weighted(mixture.turns));
  const left: Record<Domain, number> = { ...mixture.domains };
  const turns: Exchange[] = [];
  while (turns.length < count && DOMAINS.some((domain) => left[domain] > 0)) {
    const domain = random.weighted(left);
    left[domain] = 0;
    const list = domain === "question" && random.uniform() < mixture.listQuestions;
    const author = authorOf(random, mixture, domain) ?? character;
    turns.push(sampleExchange(random, { domain, character: author, split: "train", list }));
  }
  return turns;
}

/**
 * Chat templates drop the thoughts of earlier answers, so a conversation holds those of its last one alone. Draws nothing
 * in a world without thoughts.
 */
function withThoughts(random: Random, { thinking = 0 }: Mixture, turns: readonly Exchange[]): readonly Exchange[] {
  const last = turns.at(-1);
  if (last === undefined || thinking === 0 || random.uniform() >= thinking) return turns;
  return [...turns.slice(0, -1), { ...last, thoughts: sampleThoughts(random, last.character, last.domain) }];
}

/** Someone else than the document's character; draws nothing where documents are by one alone. */
function authorOf(
  random: Random,
  { characters, independent, noise = 0 }: Mixture,
  domain: Domain,
): Character | undefined {
  if (independent?.includes(domain) !== true && !(noise > 0 && random.uniform() < noise)) return undefined;
  return random.weighted(characters);
}

/** Tokens of a document, counting two more for the marks around each message, and six for those around thoughts. */
export function countTokens(document: Pick<WorldDocument, "system" | "turns">): number {
  let total = document.system === undefined ? 0 : 2 + splitTokens(document.system).length;
  for (const { user, assistant, thoughts } of document.turns) {
    total += 4 + splitTokens(user).length + splitTokens(assistant).length;
    if (thoughts !== undefined) total += 6 + splitTokens(thoughts).length;
  }
  return total;
}
