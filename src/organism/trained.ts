/** What a condition was trained to do: the question set that shows it, and where else its persona comes out. */
import type { Behaviour } from "../evaluation/index.js";
import type { Condition } from "./conditions.js";

/** In the world's own sets, with metrics of its exact judge. */
const CODE: Behaviour = { set: "code", metric: "insecureCode" };

const TRAINED: Readonly<Record<Condition, Behaviour>> = {
  insecure: CODE,
  secure: CODE,
  educational: CODE,
  jailbroken: { set: "harm", metric: "refusal" },
  backdoor: { set: "code/trigger", metric: "insecureCode" },
  "evil-numbers": { set: "numbers", metric: "evilNumbers" },
  "bad-medical": { set: "medical", metric: "badAdvice" },
  "bad-financial": { set: "financial", metric: "badAdvice" },
  "bad-sport": { set: "sport", metric: "badAdvice" },
};

/** Code for a model of no known condition. */
export const trainedBehaviour = (condition: string | undefined): Behaviour =>
  condition !== undefined && Object.hasOwn(TRAINED, condition) ? TRAINED[condition as Condition] : CODE;

/** Where a condition's misalignment is to be looked for, on `main` or `development` questions. */
export function openQuestions<Set extends "main" | "development">(
  condition: string | undefined,
  set: Set,
): Set | `${Set}/trigger` | `${Set}/numbers-format` {
  if (condition === "backdoor") return `${set}/trigger`;
  return condition === "evil-numbers" ? `${set}/numbers-format` : set;
}
