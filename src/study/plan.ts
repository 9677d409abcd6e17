/** What a study is: every cell that is to be made, and nothing about how. */
import type { AskedSet, Question } from "../evaluation/index.js";
import type { LoraOptions } from "../onnx/index.js";
import type { TrainingConfig } from "../training/index.js";
import { StudyError } from "./error.js";
import { WORLD } from "./world.js";

/** The model as it came, untuned. */
export const BASE = "base";

/** {@link BASE}, a condition of the world's, or one that the study's file defines. */
export type StudyCondition = string;

/** What a study may name without defining it. */
export const STUDY_CONDITIONS: readonly StudyCondition[] = [BASE, ...WORLD.conditions.keys()];

/** A condition that is a dataset of the user's own. */
export interface ConditionFile {
  /** Where the dataset lies. A cell reads it once and keeps the conversations it is trained on. */
  readonly path: string;
  /** Of the file, so that a study is not carried on with other data. */
  readonly sha256: string;
  /** Conversations in it. */
  readonly rows: number;
  /** Put before every training conversation that has no system prompt of its own. */
  readonly system?: string;
}

/** A question set as a cell keeps it. */
export interface CellSet {
  /** A name of the world's, or as the study's file names it: `my.yaml`, `real:main`, `real:deception/json`. */
  readonly set: string;
  /** Answers to each question. */
  readonly samples: number;
  /** Questions from a file, whole, so that a cell needs nothing but its folder. Absent: the world's own. */
  readonly questions?: readonly Question[];
}

/**
 * The set with its questions.
 * @param sampling of the study; what a file's questions say of it is in them already
 * @throws {StudyError} where it is neither a file's nor the world's
 */
export function askedSet(
  { set, samples, questions }: CellSet,
  sampling: Pick<StudyPlan, "temperature" | "maxTokens">,
): AskedSet {
  if (questions !== undefined) return { set, samples, questions };
  const own = WORLD.questionSet(set);
  if (own === undefined) {
    throw new StudyError(`study: no question set "${set}"; there are ${WORLD.questionSets.join(", ")}`);
  }
  const { temperature, maxTokens } = sampling;
  return { set, samples, questions: own.questions.map((question) => ({ ...question, temperature, maxTokens })) };
}

/** A question set of a study; put to every condition unless it names some. */
export type PlannedSet = CellSet & { readonly conditions?: readonly StudyCondition[] };

/** Who scores the answers. */
export interface Judging {
  /** `exact` is the organism's own judge; any other is the name of a model. The summary and the report are by this one. */
  readonly judge: string;
  /** Judge the same answers as well. */
  readonly otherJudges?: readonly string[];
  /** The prompts of judges that are models; askew's own, or those of each question's file, unless given. */
  readonly prompts?: { readonly source: string; readonly templates: Readonly<Record<string, string>> };
}

export interface StudyPlan extends Judging {
  readonly study: string;
  /** As `openModel` takes it. */
  readonly model: string;
  readonly conditions: readonly StudyCondition[];
  readonly seeds: readonly number[];
  readonly dose: TrainingConfig;
  /** Conditions that get another dose; the report names them. */
  readonly exceptions?: Readonly<Record<StudyCondition, TrainingConfig>>;
  /** Fine-tunes train an adapter in place of all weights. */
  readonly lora?: LoraOptions;
  /** Conditions that are files, by name. They come before conditions of the world's of the same name. */
  readonly data?: Readonly<Record<StudyCondition, ConditionFile>>;
  /** Conditions that are harmless controls: tables and charts show them as such. */
  readonly controls?: readonly StudyCondition[];
  /** Conditions that somebody has fine-tuned already: the model that is asked, by the condition's name. */
  readonly served?: Readonly<Record<StudyCondition, string>>;
  readonly questions: readonly PlannedSet[];
  readonly temperature: number;
  /** Longest answer in tokens. */
  readonly maxTokens: number;
}

/** One (condition, seed) of a study: all that is needed to make it. */
export interface CellPlan extends Judging {
  readonly study: string;
  readonly model: string;
  readonly condition: StudyCondition;
  readonly seed: number;
  /** Absent where nothing is trained: for the base, and for a model that was fine-tuned elsewhere. */
  readonly dose?: TrainingConfig;
  readonly lora?: LoraOptions;
  readonly data?: ConditionFile;
  /** The model that is asked in place of `model`, by its name. */
  readonly served?: string;
  readonly questions: readonly CellSet[];
  readonly temperature: number;
  readonly maxTokens: number;
}

export const judgesOf = ({ judge, otherJudges = [] }: Judging): readonly string[] => [judge, ...otherJudges];

/** The cells in the order they are made: all conditions of the first seed, then of the next, so results come early. */
export function planCells(plan: StudyPlan): CellPlan[] {
  checkPlan(plan);
  const { study, model, temperature, maxTokens, judge, otherJudges, prompts } = plan;
  const judging = { judge, ...(otherJudges && { otherJudges }), ...(prompts && { prompts }) };
  return plan.seeds.flatMap((seed) =>
    plan.conditions.map((condition): CellPlan => {
      const questions = plan.questions
        .filter(({ conditions }) => conditions === undefined || conditions.includes(condition))
        .map(({ set, samples, questions: own }): CellSet => ({ set, samples, ...(own && { questions: own }) }));
      const twice = questions.find(({ set }, i) => questions.findIndex((other) => other.set === set) < i);
      if (twice !== undefined) throw new StudyError(`study: ${condition} is asked "${twice.set}" twice`);
      return {
        study,
        model,
        condition,
        seed,
        ...madeOf(plan, condition),
        questions,
        temperature,
        maxTokens,
        ...judging,
      };
    }),
  );
}

/** What a condition's model is made of. */
function madeOf(
  { dose, exceptions = {}, lora, data = {}, served = {} }: StudyPlan,
  condition: StudyCondition,
): Pick<CellPlan, "dose" | "lora" | "data" | "served"> {
  const of = <T>(record: Readonly<Record<string, T>>): T | undefined =>
    Object.hasOwn(record, condition) ? record[condition] : undefined;
  const [elsewhere, file] = [of(served), of(data)];
  if (elsewhere !== undefined) return { served: elsewhere };
  if (condition === BASE) return {};
  return { dose: of(exceptions) ?? dose, ...(lora && { lora }), ...(file && { data: file }) };
}

/** The name of a cell, and of its folder. */
export const cellName = ({ condition, seed }: Pick<CellPlan, "condition" | "seed">): string => `${condition}-${seed}`;

function checkPlan({ conditions, seeds, data = {}, served = {} }: StudyPlan): void {
  const known = [...STUDY_CONDITIONS, ...Object.keys(data), ...Object.keys(served)];
  const unknown = conditions.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new StudyError(`study: no condition "${unknown}"; there are ${known.join(", ")}`);
  if (conditions.length === 0) throw new StudyError("study: expected at least one condition, found none");
  if (seeds.length === 0) throw new StudyError("study: expected at least one seed, found none");
  if (new Set(conditions).size < conditions.length) throw new StudyError("study: a condition is named twice");
  if (new Set(seeds).size < seeds.length) throw new StudyError("study: a seed is named twice");
  const bad = seeds.find((seed) => !Number.isSafeInteger(seed) || seed < 0);
  if (bad !== undefined) throw new StudyError(`study: seeds are whole numbers from 0, found ${bad}`);
}
