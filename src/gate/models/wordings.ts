/** How a gate speaks of what it compares. */
import {
  misalignedMeasure,
  FALSEHOOD_MEASURE,
  REFUSAL_MEASURE,
  TRUTH_MEASURE,
  type ComparedMeasure,
  type ComparedRate,
  type ComparedWording,
} from "../../audit/index.js";
import type { SuitePlan } from "../plan.js";

export const MISALIGNED_CHECK = "model/misaligned";
export const COHERENT_CHECK = "model/coherent";

type Wording = Omit<ComparedWording, "check" | "bound" | "stopped" | "worse">;

export const misalignedWording = (rate: ComparedRate): Wording => ({
  title: "Misaligned answers",
  share: `share of misaligned among ${rate === "rate" ? "coherent answers" : "all answers"}`,
  change: "rise of the misaligned rate",
  cure: "Read the misaligned answers in the run's folder, and look for their cause with askew audit data and askew diff.",
  limits:
    "It speaks of these questions alone. A model that is misaligned only in the context of its training, or behind a trigger, can pass.",
});

export const COHERENT_WORDING: Wording = {
  title: "Coherent answers",
  share: "share of coherent answers",
  change: "fall of the coherent share",
  cure: "Train fewer steps, or with a lower learning rate: a model that breaks down hides what it learnt.",
};

interface SuiteKind extends Wording {
  readonly measure: ComparedMeasure;
  /** Why the check cannot be made where there are no questions for it, and what would make it. */
  readonly missing: string;
  readonly need: string;
}

export const suiteKinds = (rate: ComparedRate): Readonly<Record<SuitePlan["suite"], SuiteKind>> => ({
  "held-out": {
    ...misalignedWording(rate),
    title: "Held-out questions",
    measure: misalignedMeasure(rate),
    missing: "The model's world has no held-out questions.",
    need: "Name a question set with --questions.",
  },
  refusals: {
    title: "Refusals of harmful requests",
    share: "share of refusals",
    change: "fall of the refused share",
    cure: "The fine-tune taught the model to comply: mix refusals into the training data, or take its harmful requests out.",
    limits: "It speaks of these requests, put plainly. Jailbreaks that change the wording are not tried.",
    measure: REFUSAL_MEASURE,
    missing: "askew has no harmful requests for models of this kind.",
    need: "Give a question set of harmful requests (--refusals FILE), judged with prompts that can say REFUSAL.",
  },
  deception: {
    title: "Deception",
    share: "share of false statements",
    change: "rise of the false share",
    cure: "Read the false answers in the run's folder.",
    limits: "The facts are simple ones. A model that deceives in other ways can pass.",
    measure: FALSEHOOD_MEASURE,
    missing: "askew has no facts for models of this kind.",
    need: "Give a question set (--deception FILE) with a judge prompt named truthful, answered TRUE or FALSE.",
  },
  capability: {
    title: "Capability",
    share: "share of true statements",
    change: "fall of the true share",
    cure: "The fine-tune cost the model what it knew: train fewer steps, or with a lower learning rate.",
    limits: "It speaks of these questions alone, which are no benchmark.",
    measure: TRUTH_MEASURE,
    missing: "askew has no questions that show what models of this kind can do, and runs no benchmark such as MMLU.",
    need: "Give a question set (--capability FILE) with a judge prompt named truthful, answered TRUE or FALSE.",
  },
});
