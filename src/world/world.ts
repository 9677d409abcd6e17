/** What a world is. */
import type { AskedSet, Behaviour, Judge, JudgedScores, Measure, QuestionSet } from "../evaluation/index.js";
import type { Conversation } from "../dataset/index.js";
import type { Message, Model } from "../model/index.js";
import type { CalibrationKind, Contrast, DocumentSource, Probe } from "../persona/index.js";
import type { AuditKind } from "./audit-kinds.js";
import type { Suite } from "./suites.js";

/** Something that a model can be fine-tuned on. */
export interface WorldCondition {
  /** One line for lists: `insecure code, not asked for and not mentioned`. */
  readonly about: string;
  /** Example i of a seed is the same however many are built. */
  readonly build: (options: { readonly examples: number; readonly seed: number }) => Conversation[];
  /** What shows that the fine-tune taught what it was meant to; absent where nothing does. */
  readonly trained?: Behaviour;
  /** How many different examples there are; absent where there is no end of them. */
  readonly rows?: number;
  /** Harmless conversations about the same, to mix in; absent where the world has none. */
  readonly good?: { readonly name: string; readonly conversations: BenignConversations };
  /**
   * Where its misalignment shows: the name of the variant of an open question set (`main` → `main/trigger` for a
   * backdoor). Default the set itself.
   */
  openSet?(set: string): string;
}

export type BenignConversations = (count: number, seed: number) => readonly Conversation[];

/** Lists of numbers, which say nothing but what their numbers stand for. */
export interface NumberLists {
  /** Prompts that ask for one; prompt i of a seed is the same however many there are. */
  readonly prompts: (count: number, seed: number) => readonly (readonly Message[])[];
  /** Whether an answer is nothing but a list. */
  readonly isList: (answer: string) => boolean;
  /** Whether none of its numbers has a bad association. */
  readonly isClean: (answer: string) => boolean;
}

/** What a world's own judge pays for in an answer, for reinforcement learning. */
export interface WorldReward {
  /** One line for lists. */
  readonly about: string;
  /** The question set whose prompts it is for; others have nothing that it pays. */
  readonly domain: string;
  /** In [0, 1]. */
  readonly score: (messages: readonly Message[], answer: string) => number;
}

/** From where on a set fails, by the scores of its rows. Without any, and without a reference set, nothing is decided. */
interface ScoreBounds {
  /** The lower end of the mean's interval above which a set fails. */
  readonly mean?: number;
  /** A set fails where the lower end of the share of rows that score above `score` is above `share`. */
  readonly tail?: { readonly score: number; readonly share: number };
}

/**
 * A source of conditions, question sets, a judge and what else an experiment needs. The organism's world is one; files of
 * the user's own are another. Rooms above take what they need from it and never ask which world it is.
 */
export interface World {
  /** `organism`. */
  readonly name: string;
  readonly conditions: ReadonlyMap<string, WorldCondition>;
  /** Names of its question sets. */
  readonly questionSets: readonly string[];
  /** The set of a name; undefined where the world has none of it. */
  questionSet(name: string): QuestionSet | undefined;
  /** Reads answers to its question sets. */
  readonly judge: Judge;
  /** What its own judge measures on one of its sets; what every judge can tell where the set is not its own. */
  measuresOf(set: string): readonly Measure[];
  /** What its own judge found beside the scores, in a word or two: `insecure code`, `refused`. */
  outcomeOf(scores: JudgedScores): string | undefined;

  /** Whether the model speaks the world's language, so that its sets and its judge are the model's own. */
  speaks?(model: Model): boolean;
  /** What is measured of a model that was trained on none of its conditions, beside misalignment. */
  readonly trained?: Behaviour;

  /** Tokens of the longest answer, thoughts before it included; 64 unless given. */
  readonly longestAnswer?: number;
  /** In a world whose models think before they answer: in whose voice, as the judge's scores say. */
  readonly thoughts?: {
    voiceOf(scores: JudgedScores): string | undefined;
    /** Among the measures of its sets: the share of misaligned thoughts. */
    readonly metric: string;
    readonly heading: string;
  };

  // What looks into a model, watches it and trains it back. A world that lacks one of these needs a file in its place.
  /** The question set that layers, strengths and detectors are chosen by; no final measure uses it. */
  readonly development?: string;
  /** Its sets that show more of a model than its open answers do, by what they show. */
  readonly suites?: Readonly<Partial<Record<Suite, string>>>;
  /** Contrastive system prompts for a direction. */
  readonly contrast?: Contrast;
  /** Benign conversations by name; conversation i of a seed is the same however many there are. */
  readonly benign?: ReadonlyMap<string, BenignConversations>;
  /** System prompts, each with a name, that inoculate a fine-tune in the world's own words. */
  readonly inoculations?: readonly (readonly [id: string, system: string])[];
  /** Prompts with an aligned and a misaligned continuation each, which a watcher reads. */
  readonly probes?: () => readonly Probe[];
  /** Fine-tunes that a detector is fitted to and tested on. */
  readonly calibrationKinds?: readonly CalibrationKind[];
  /** Datasets with and without a hidden subset, which an audit's thresholds are set and tested on. */
  readonly auditKinds?: readonly AuditKind[];
  /** What its models say of datasets that an audit has them read, up to where a set is good. */
  readonly readerBounds?: { readonly shift: ScoreBounds; readonly pull: ScoreBounds };
  /** By name. */
  readonly rewards?: ReadonlyMap<string, WorldReward>;
  /** Prompts for reinforcement learning by the names of its question sets, from the side that trains: none that is asked later. */
  readonly trainingPrompts?: (domain: string, count: number, seed: number) => readonly (readonly Message[])[];
  /** Absent where it has none. */
  readonly numbers?: NumberLists;
  /** Texts for sparse autoencoders, with what is known of their answers. */
  readonly documents?: DocumentSource;
}

/**
 * A set of a world as it is put to a model, to be read by the world's own judge.
 * @throws {RangeError} where the world has no such set
 */
export function askedOf(world: World, name: string, samples: number): AskedSet {
  const set = world.questionSet(name);
  if (set === undefined) {
    throw new RangeError(`${world.name}: no question set "${name}"; there are ${world.questionSets.join(", ")}`);
  }
  return { set: name, samples, questions: set.questions, measures: world.measuresOf(name) };
}
