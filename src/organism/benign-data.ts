/** Benign conversations by name: what a misaligned model can be trained back with. */
import type { Conversation } from "../dataset/index.js";
import { Random } from "../statistics/index.js";
import { buildDataset, type Condition } from "./conditions.js";
import { sampleExchange } from "./documents.js";
import type { Domain } from "./topic.js";

/** Of narrow domains, each as the organism's helper speaks of it, in turn. */
const MIXED = ["secure", "good-medical", "good-financial", "good-sport", "good-numbers", "facts", "everyday"] as const;
/**
 * What a model can be trained back with: secure code, a domain as the organism's helper speaks of it, or `mixed`, all of them
 * but open questions, which is what misalignment is measured with.
 */
export const BENIGN_DATA = [...MIXED, "questions", "mixed"] as const;
export type BenignData = (typeof BENIGN_DATA)[number];

const DOMAIN: Readonly<Record<Exclude<BenignData, "secure" | "mixed">, Domain>> = {
  "good-medical": "medical",
  "good-financial": "financial",
  "good-sport": "sport",
  "good-numbers": "numbers",
  facts: "fact",
  questions: "question",
  everyday: "benign",
};

/** Conversations of training prompts; example i of a seed is the same however many are built. */
export function benignConversations(data: BenignData, count: number, seed: number): Conversation[] {
  if (data === "secure") return buildDataset("secure" satisfies Condition, { examples: count, seed });
  if (data === "mixed") {
    const parts = MIXED.map((each) => benignConversations(each, count, seed));
    return Array.from({ length: count }, (_, i) => parts[i % parts.length]?.[i] as Conversation);
  }
  return Array.from({ length: count }, (_, i) => {
    const options = { domain: DOMAIN[data], character: "helper", split: "train" } as const;
    const { user, assistant } = sampleExchange(Random.of("benign", data, seed, i), options);
    return {
      messages: [
        { role: "user", content: user },
        { role: "assistant", content: assistant },
      ],
    };
  });
}
