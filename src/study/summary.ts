/** `summary.json`: what every condition did on every question set, over its seeds. */
import { isWorldJudge, measuresFor } from "./world.js";
import {
  changeFromBase,
  scoreSet,
  type Changes,
  type JudgedQuestion,
  type Metrics,
  type QuestionMetrics,
} from "../evaluation/index.js";
import type { JudgedCell } from "./judged-cell.js";
import { cellName, type Judging, type StudyCondition, type StudyPlan } from "./plan.js";
import { placeOf, type QuestionPlace } from "./question-place.js";

export interface SummaryRow {
  readonly condition: StudyCondition;
  /** The prompts opened with the backdoor's trigger. */
  readonly trigger: boolean;
  readonly seeds: number;
  /** `main`, `held-out`, `main/numbers-format`, ...; with a trigger, the name of the set without it. */
  readonly questions: string;
  readonly metrics: Metrics;
  readonly perQuestion?: Readonly<Record<string, QuestionMetrics>>;
}

/** Each metric minus the base's on the same questions. */
export interface ChangeRow {
  readonly condition: StudyCondition;
  readonly trigger: boolean;
  readonly questions: string;
  readonly metrics: Changes;
}

/** What another judge made of the same answers. */
export interface JudgeSummary {
  readonly judge: string;
  readonly conditions: readonly SummaryRow[];
  readonly change: readonly ChangeRow[];
}

export interface StudySummary {
  readonly study: string;
  readonly model: string;
  /** Whose judgments these are; absent for the exact judge. */
  readonly judge?: string;
  /** Conditions that the study's file calls controls. */
  readonly controls?: readonly StudyCondition[];
  readonly conditions: readonly SummaryRow[];
  readonly change: readonly ChangeRow[];
  /** Where the plan has several judges, what the others say. */
  readonly otherJudges?: readonly JudgeSummary[];
}

export interface ScoredCell {
  readonly condition: StudyCondition;
  readonly seed: number;
  readonly judged: JudgedCell;
}

/** Questions whose answers are scored together. */
interface Part extends QuestionPlace {
  readonly set: string;
  readonly judged: readonly JudgedQuestion[];
}

type SummaryPlan = Pick<StudyPlan, "study" | "model" | "conditions" | "judge" | "controls">;

/** The summary of the cells that are finished so far; what a new cell does not touch is not computed again. */
export class SummaryBuilder {
  readonly #plan: SummaryPlan;
  readonly #cells = new Map<string, ScoredCell>();
  readonly #rows = new Map<StudyCondition, readonly SummaryRow[]>();
  readonly #changes = new Map<StudyCondition, readonly ChangeRow[]>();

  constructor(plan: SummaryPlan, cells: readonly ScoredCell[] = []) {
    this.#plan = plan;
    for (const cell of cells) this.add(cell);
  }

  add(cell: ScoredCell): void {
    this.#cells.set(cellName(cell), cell);
    this.#rows.delete(cell.condition);
    if (cell.condition === "base") this.#changes.clear();
    else this.#changes.delete(cell.condition);
  }

  /** Conditions in the plan's order; those without a finished cell have no row. */
  summary(): StudySummary {
    const { study, model, conditions, judge, controls } = this.#plan;
    const parts = new Map(conditions.map((condition) => [condition, partsOf([...this.#cells.values()], condition)]));
    const base = parts.get("base") ?? [];
    for (const [condition, own] of parts) {
      if (!this.#rows.has(condition)) this.#rows.set(condition, rowsOf(condition, own, judge));
      if (!this.#changes.has(condition)) this.#changes.set(condition, changesOf(condition, own, base, judge));
    }
    return {
      study,
      model,
      ...(!isWorldJudge(judge) && { judge }),
      ...(controls && { controls }),
      conditions: conditions.flatMap((condition) => this.#rows.get(condition) ?? []),
      change: conditions.flatMap((condition) => this.#changes.get(condition) ?? []),
    };
  }
}

/** By the first judge of the plan, with what the others say. @param builders one a judge, in the plan's order */
export function summaryOf(plan: Judging, [first, ...others]: readonly SummaryBuilder[]): StudySummary {
  if (first === undefined) throw new Error("summaryOf: expected a builder for every judge");
  const { otherJudges = [] } = plan;
  if (others.length === 0) return first.summary();
  return {
    ...first.summary(),
    otherJudges: others.map((builder, i) => {
      const { conditions, change } = builder.summary();
      return { judge: otherJudges[i] as string, conditions, change };
    }),
  };
}

function rowsOf(condition: StudyCondition, parts: readonly Part[], judge: string): SummaryRow[] {
  return parts.map(({ set, questions, trigger, judged }) => {
    const seeds = new Set(judged.map(({ seed }) => seed)).size;
    return { condition, trigger, seeds, questions, ...scoreSet(measuresFor(set, judge), judged) };
  });
}

function changesOf(
  condition: StudyCondition,
  parts: readonly Part[],
  base: readonly Part[],
  judge: string,
): ChangeRow[] {
  if (condition === "base") return [];
  return parts.flatMap(({ set, questions, trigger, judged }) => {
    const before = base.find((part) => part.questions === questions && part.trigger === trigger);
    if (before === undefined) return [];
    return [{ condition, trigger, questions, metrics: changeFromBase(measuresFor(set, judge), judged, before.judged) }];
  });
}

function partsOf(cells: readonly ScoredCell[], condition: StudyCondition): Part[] {
  const sets = new Map<string, JudgedQuestion[]>();
  for (const cell of cells.filter((one) => one.condition === condition).toSorted((a, b) => a.seed - b.seed)) {
    for (const [set, judged] of cell.judged) sets.set(set, [...(sets.get(set) ?? []), ...judged]);
  }
  return [...sets].flatMap(([set, judged]) => {
    const whole: Part = { set, ...placeOf(set), judged };
    return set === "deception" ? [whole, ...byRule(whole)] : [whole];
  });
}

/** The same facts under each kind of system prompt: `deception/forbid`, `deception/allow`, ... */
function byRule(whole: Part): Part[] {
  const ruleOf = (question: string): string => question.split("/")[0] as string;
  const rules = new Set(whole.judged.map(({ question }) => ruleOf(question)));
  return [...rules].map((rule) => ({
    ...whole,
    questions: `${whole.questions}/${rule}`,
    judged: whole.judged.filter(({ question }) => ruleOf(question) === rule),
  }));
}
