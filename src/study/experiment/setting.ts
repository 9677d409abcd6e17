/** Where an experiment takes place: the organism's world, or one of the user's own files, and how it trains there. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AskedSet, Behaviour } from "../../evaluation/index.js";
import type { Direction } from "../../persona/index.js";
import type { LoraOptions, OpenWeightsModel } from "../../model/index.js";
import type { TrainingConfig } from "../../training/index.js";
import { askedOf, type World, type WorldCondition } from "../../world/index.js";
import { pretrainedFolder } from "./base-weights.js";
import { USUAL_TRAINING, USUAL_TRAINING_EXCEPTIONS } from "../usual-training.js";
import { StudyError } from "../error.js";
import { WORLD } from "../world.js";

export interface Setting {
  readonly world: World;
  /** How a fine-tune on a condition is trained; `isFull` asks for that of all weights where `lora` is usual. */
  readonly dose: (condition: string, isFull?: boolean) => TrainingConfig;
  /** Trained in place of all weights, unless an experiment is about that. */
  readonly lora?: Omit<LoraOptions, "seed"> | undefined;
  /** Bytes that training may take; default what is free. */
  readonly memory?: number | undefined;
  /** Answers to each main question, in place of the experiment's own number. */
  readonly samples?: number | undefined;
  /** Where an adapter of a single layer sits, from 0; default 1. */
  readonly layer?: number;
  /** Longest answer in tokens; default 64. */
  readonly maxTokens?: number | undefined;
  /** Of the persona; made from the world's contrast where it is absent. */
  readonly direction?: Direction | undefined;
  /** Another model, that teaches where an experiment has teachers. */
  readonly teacher?: OpenWeightsModel | undefined;
  /** By condition: how far each question, by its id, lies from the prompts that a model is trained on. */
  readonly distances?: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** What decides the numbers beside the arms: a folder is carried on with no other. */
  readonly plan?: object;
}

export const ORGANISM_SETTING: Setting = {
  world: WORLD,
  dose: (condition) => USUAL_TRAINING_EXCEPTIONS[condition] ?? USUAL_TRAINING,
};

/** The same, with all weights trained. */
export const allWeightsIn = (setting: Setting): Setting => ({
  ...setting,
  lora: undefined,
  dose: (condition) => setting.dose(condition, true),
});

/** What a making takes of the setting beside its dose. */
export const howIn = ({ lora, memory }: Setting): { lora?: Omit<LoraOptions, "seed">; memory: number | undefined } => ({
  ...(lora && { lora }),
  memory,
});

/** What an experiment cannot do without, beside conditions and main questions. */
export type Need = "good" | "benign" | "development" | "persona" | "pretrained" | "rewards" | "numbers";

export function conditionIn({ world }: Setting, name: string): WorldCondition {
  const found = world.conditions.get(name);
  if (found !== undefined) return found;
  throw new StudyError(
    `there is no condition "${name}" in ${world.name}. There are ${[...world.conditions.keys()].join(", ")}.`,
  );
}

/** What shows that a fine-tune on a condition taught what it was meant to; undefined where nothing does. */
export const trainedIn = ({ world }: Setting, condition?: string): Behaviour | undefined =>
  world.conditions.get(condition ?? "")?.trained ?? world.trained;

export const samplesIn = (setting: Setting, usual: number): number => setting.samples ?? usual;

/** The main questions, and those that show what was trained. */
export const askedIn = (setting: Setting, samples: number, trained?: Behaviour, few = 8): readonly AskedSet[] => [
  askedOf(setting.world, "main", samplesIn(setting, samples)),
  ...(trained === undefined ? [] : [askedOf(setting.world, trained.set, few)]),
];

export const hasPersona = ({ world, direction }: Setting): boolean =>
  direction !== undefined || (world.contrast !== undefined && world.development !== undefined);

/** @throws {StudyError} naming everything that is missing, with the option that gives it */
export function requireNeeds(
  experiment: { readonly name: string; readonly needs?: readonly Need[] },
  setting: Setting,
  { conditions, model }: { readonly conditions: readonly string[]; readonly model: string },
): void {
  const { world } = setting;
  const before = pretrainedFolder(model);
  const wanted: Readonly<Record<Need, readonly [isThere: boolean, what: string]>> = {
    good: [
      // Conditions that are rewards have no data.
      experiment.needs?.includes("good") !== true ||
        conditions.every((name) => conditionIn(setting, name).good !== undefined),
      "harmless conversations to mix in (--benign FILE)",
    ],
    benign: [(world.benign?.size ?? 0) > 0, "benign conversations (--benign FILE)"],
    development: [world.development !== undefined, "questions to choose by (--development SET)"],
    persona: [hasPersona(setting), "the persona's direction (--direction FILE, or --trait FILE to make one)"],
    numbers: [world.numbers !== undefined, "lists of numbers, which only a world of its own has (the organism's)"],
    rewards: [world.rewards !== undefined, "rewards, which only a world of its own has (the organism's)"],
    pretrained: [
      existsSync(join(before, "config.json")),
      `the model as it was before its alignment (a model in ${before})`,
    ],
  };
  const missing = (experiment.needs ?? []).flatMap((need) => (wanted[need][0] ? [] : [wanted[need][1]]));
  if (missing.length === 0) return;
  throw new StudyError(`${experiment.name} cannot be run: it needs ${missing.join(", and ")}. Nothing was asked yet.`);
}
