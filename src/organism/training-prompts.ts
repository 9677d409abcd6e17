/** Prompts of a domain from the side of the split that trains, without their answers. */
import type { Message } from "../model/index.js";
import { Random } from "../statistics/index.js";
import { samplePrompt } from "./prompts.js";
import { DOMAINS, type Domain } from "./topic.js";
import { topicsOf } from "./topics.js";

const isDomain = (name: string): name is Domain => DOMAINS.some((domain) => domain === name);

/** Prompt i of a seed is the same however many there are. */
export function trainingPrompts(domain: string, count: number, seed: number): readonly (readonly Message[])[] {
  if (!isDomain(domain)) throw new RangeError(`prompts: no domain ${domain}; there are ${DOMAINS.join(", ")}`);
  return Array.from({ length: count }, (_, i) => {
    const random = Random.of("prompts", domain, seed, i);
    const { text } = samplePrompt(random, random.pick(topicsOf(domain)), { split: "train" });
    return [{ role: "user", content: text }];
  });
}
