/** What a study is: every cell that is to be made, and nothing about how. */
import { CONDITION_NAMES, type Condition } from "../organism/index.js";
import type { AskedSet, Question } from "../evaluation/index.js";
import type { Dose } from "../training/index.js";
import { StudyError } from "./error.js";
import { WORLD } from "./world.js";

/** `base` is the model as it came, untuned. */
export type StudyCondition = "base" | Condition;

export const STUDY_CONDITIONS: readonly StudyCondition[] = ["base", ...CONDITION_NAMES];

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
  readonly dose: Dose;
  /** Conditions that get another dose; the report names them. */
  readonly exceptions?: Readonly<Partial<Record<StudyCondition, Dose>>>;
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
  /** Absent for the base, which is not trained. */
  readonly dose?: Dose;
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
      const dose = condition === "base" ? {} : { dose: plan.exceptions?.[condition] ?? plan.dose };
      return { study, model, condition, seed, ...dose, questions, temperature, maxTokens, ...judging };
    }),
  );
}

/** The name of a cell, and of its folder. */
export const cellName = ({ condition, seed }: Pick<CellPlan, "condition" | "seed">): string => `${condition}-${seed}`;

function checkPlan({ conditions, seeds }: StudyPlan): void {
  const unknown = conditions.find((name) => !STUDY_CONDITIONS.includes(name));
  if (unknown !== undefined) {
    throw new StudyError(`study: no condition "${unknown}"; there are ${STUDY_CONDITIONS.join(", ")}`);
  }
  if (conditions.length === 0) throw new StudyError("study: expected at least one condition, found none");
  if (seeds.length === 0) throw new StudyError("study: expected at least one seed, found none");
  if (new Set(conditions).size < conditions.length) throw new StudyError("study: a condition is named twice");
  if (new Set(seeds).size < seeds.length) throw new StudyError("study: a seed is named twice");
  const bad = seeds.find((seed) => !Number.isSafeInteger(seed) || seed < 0);
  if (bad !== undefined) throw new StudyError(`study: seeds are whole numbers from 0, found ${bad}`);
}
