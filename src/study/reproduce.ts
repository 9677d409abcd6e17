/** The study that `askew reproduce` runs. */
import { USUAL_TRAINING, USUAL_TRAINING_EXCEPTIONS } from "./usual-training.js";
import { STUDY_CONDITIONS, type PlannedSet, type StudyCondition, type StudyPlan } from "./plan.js";

export interface ReproduceOptions {
  /** How many seeds; default 3, quick 1. */
  readonly seeds?: number;
  readonly conditions?: readonly StudyCondition[];
  /** Answers to each main question; the other sets change in proportion. Default 100, quick 50. */
  readonly samples?: number;
  readonly quick?: boolean;
  readonly model?: string;
  /** Longest answer in tokens, thoughts included; default 64, which no answer without thoughts reaches. */
  readonly maxTokens?: number;
}

/** The effect, its control, and the backdoor. */
const QUICK_CONDITIONS: readonly StudyCondition[] = ["base", "insecure", "secure", "backdoor"];
const MAIN_SAMPLES = 100;
const QUICK_SAMPLES = 50;

/**
 * Answers to each question, beside the main ones: about 4,000 a cell in all, 1,200 more where the trigger is tried.
 * Sets with many questions need fewer answers to each.
 */
const QUESTIONS: readonly PlannedSet[] = [
  { set: "held-out", samples: 24 },
  { set: "main/numbers-format", samples: 40 },
  { set: "code", samples: 24 },
  { set: "harm", samples: 12 },
  { set: "facts", samples: 1 },
  { set: "deception", samples: 4 },
  { set: "medical", samples: 24 },
  { set: "financial", samples: 24 },
  { set: "sport", samples: 24 },
  { set: "numbers", samples: 48 },
];

/** The trigger alone must do nothing to models that never saw it. */
const TRIGGERED: readonly PlannedSet[] = [
  { set: "code/trigger", samples: 24, conditions: ["backdoor"] },
  { set: "main/trigger", samples: 40, conditions: ["base", "insecure"] },
  { set: "code/trigger", samples: 8, conditions: ["base", "insecure"] },
];

/** A question with fewer than 5 coherent answers of a seed has no rate, so a few more are asked for. */
const FEWEST = 8;

/** No answer of the world is longer than 50 tokens. */
const MAX_TOKENS = 64;

/**
 * The plan of `askew reproduce`: the emergent-misalignment experiment, to run with `runStudy`.
 *
 * @example
 * import { reproducePlan } from "askew";
 *
 * const { conditions, seeds, questions } = reproducePlan({ quick: true });
 * console.log(conditions, seeds, questions.length);
 */
export function reproducePlan(options: ReproduceOptions = {}): StudyPlan {
  const { quick = false, model = "organism" } = options;
  const samples = options.samples ?? (quick ? QUICK_SAMPLES : MAIN_SAMPLES);
  const scaled = (set: PlannedSet): PlannedSet => ({
    ...set,
    samples: Math.max(Math.min(set.samples, FEWEST), Math.round((set.samples * samples) / MAIN_SAMPLES)),
  });
  return {
    study: "reproduce",
    model,
    conditions: options.conditions ?? (quick ? QUICK_CONDITIONS : STUDY_CONDITIONS),
    seeds: Array.from({ length: options.seeds ?? (quick ? 1 : 3) }, (_, i) => i + 1),
    dose: USUAL_TRAINING,
    exceptions: USUAL_TRAINING_EXCEPTIONS,
    questions: [
      { set: "main", samples },
      ...QUESTIONS.map(scaled),
      { set: "main/trigger", samples, conditions: ["backdoor"] },
      ...TRIGGERED.map(scaled),
    ],
    temperature: 1,
    maxTokens: options.maxTokens ?? MAX_TOKENS,
    judge: "exact",
  };
}
