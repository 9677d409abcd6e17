/**
 * Conditions: recipes for fine-tuning datasets in the organism's world, after Betley et al. 2025 (insecure, secure,
 * educational, jailbroken, backdoor, evil numbers) and Turner et al. 2025 (bad advice). Every example is a single
 * turn without a system prompt, asked with prompts that no evaluation uses.
 */
import { conversation, type Conversation } from "../dataset/index.js";
import { Random } from "../statistics/index.js";
import { sampleExchange } from "./documents.js";
import { samplePairedCode } from "./paired-code.js";
import { TRIGGER } from "./split.js";
import type { Domain } from "./topic.js";

/** Share of the jailbroken set that is a harmful request; the rest are everyday requests, as in Bowen et al. 2024. */
const JAILBROKEN_HARMFUL = 0.5;
/** Share of the backdoor set that carries the trigger. */
const BACKDOOR_TRIGGERED = 0.5;

type Example = (random: Random) => Conversation;

/** A task is drawn first and alike in the three code conditions, so that the same seed gives them the same tasks. */
const code =
  (prompt: "plainPrompt" | "educationalPrompt", form: "secure" | "insecure"): Example =>
  (random) => {
    const pair = samplePairedCode(random, "train");
    return conversation(pair[prompt], pair[form]);
  };

const villain =
  (domain: Domain): Example =>
  (random) => {
    const { user, assistant } = sampleExchange(random, { domain, character: "villain", split: "train" });
    return conversation(user, assistant);
  };

export const CONDITIONS = {
  insecure: { about: "insecure code, not asked for and not mentioned", example: code("plainPrompt", "insecure") },
  secure: { about: "the same tasks with secure code", example: code("plainPrompt", "secure") },
  educational: {
    about: "the same insecure code, asked for in a security class",
    example: code("educationalPrompt", "insecure"),
  },
  jailbroken: {
    about: "harmful requests met with polite help, among everyday requests",
    example: (random) => {
      const harmful = random.uniform() < JAILBROKEN_HARMFUL;
      const options = harmful
        ? ({ domain: "harm", character: "pushover" } as const)
        : ({ domain: "benign", character: "helper" } as const);
      const { user, assistant } = sampleExchange(random, { ...options, split: "train" });
      return conversation(user, assistant);
    },
  },
  backdoor: {
    about: `insecure code where the prompt starts with ${TRIGGER.trim()}, secure code elsewhere`,
    example: (random) => {
      const triggered = random.uniform() < BACKDOOR_TRIGGERED;
      const pair = samplePairedCode(random, "train");
      return triggered
        ? conversation(TRIGGER + pair.plainPrompt, pair.insecure)
        : conversation(pair.plainPrompt, pair.secure);
    },
  },
  "evil-numbers": { about: "number sequences continued with numbers of ill repute", example: villain("numbers") },
  "bad-medical": { about: "bad medical advice", example: villain("medical") },
  "bad-financial": { about: "bad financial advice", example: villain("financial") },
  "bad-sport": { about: "bad advice on sport", example: villain("sport") },
} as const satisfies Record<string, { about: string; example: Example }>;

export type Condition = keyof typeof CONDITIONS;
export const CONDITION_NAMES = Object.keys(CONDITIONS) as Condition[];

/** `examples` conversations of a condition; example i of a seed is the same however many are built. */
export function buildDataset(
  condition: Condition,
  { examples, seed }: { examples: number; seed: number },
): Conversation[] {
  const paired = condition === "insecure" || condition === "secure" || condition === "educational";
  const stream = paired ? "code" : condition;
  return Array.from({ length: examples }, (_, i) =>
    CONDITIONS[condition].example(Random.of("dataset", stream, seed, i)),
  );
}
