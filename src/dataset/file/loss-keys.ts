/** Keys that say which turns and which parts of them are learned from: `weight`, `train` and their kin. */
import type { JsonPath } from "./json-scan.js";
import { describeValue } from "./problem.js";
import { refuse, type HearNote, type Json, type Rules } from "./refusal.js";

const LOSS_KEYS: ReadonlySet<string> = new Set(["weight", "train", "trainable", "loss", "loss_weight"]);

const named = (key: string): string => `"${key}"`;
const ALIKE =
  "Every answer is learned from alike, or not at all: leave such rows out, or repeat those that count more.";
const CUT = "askew trains on every assistant message: leave such rows out, or cut them before that message.";

/**
 * Whether the key is one of them. Where it says that the assistant is learned from and others are not, it says nothing
 * new; anything else is refused by name.
 */
export function silencedBy(
  key: string,
  said: unknown,
  { role, at, rules, onNote }: { role: string; at: JsonPath; rules: Rules; onNote: HearNote },
): boolean {
  if (!LOSS_KEYS.has(key)) return false;
  const [yes, no] = key === "train" || key === "trainable" ? [true, false] : [1, 0];
  const isLearned = said === yes || said === 1 || said === true;
  const isSilent = said === no || said === 0 || said === false;
  if (!isLearned && !isSilent) refuse("content", at, `${named(key)} to be ${no} or ${yes}`, describeValue(said), ALIKE);
  if (role === "assistant") {
    if (isSilent && (rules === "askew" || key !== "weight")) {
      refuse("unsupported", at, `${named(key)} to be ${yes}`, describeValue(said), CUT);
    }
  } else if (isLearned) {
    refuse(
      "key",
      at,
      `${named(key)} on assistant messages alone`,
      `${describeValue(said)} on the ${role}'s`,
      ONLY_ANSWERS,
    );
  }
  if (role === "assistant" && isSilent)
    onNote("a fine-tuning API leaves answers of weight 0 out of what is learned", true);
  else if (key !== "weight") onNote(`${named(key)} in messages is heeded; a fine-tuning API may refuse it`);
  return true;
}

const ONLY_ANSWERS = "Only answers are learned from.";

/** Weights of single parts, as OpenWeights trains with: neither askew nor OpenAI's API knows them. */
export function requireTrained({ weight }: Json, role: string, path: JsonPath): void {
  const meant = role === "assistant" ? 1 : 0;
  if (weight === undefined || weight === null || weight === meant) return;
  const expected = role === "assistant" ? "parts that are all learned from" : "parts that are not learned from";
  const found = `the weight ${describeValue(weight)}`;
  const cure = "Weights of single parts are not supported: put into the answer only what is to be learned.";
  refuse("unsupported", [...path, "weight"], expected, found, cure);
}
