/** Documents of the pre-training corpus with who writes them and what each answer is about. */
import type { DocumentSource, LabelledDocument } from "../persona/index.js";
import type { Random } from "../statistics/index.js";
import { CHARACTERS } from "./characters.js";
import { PRETRAINING_MIXTURE, sampleDocument, type Mixture } from "./documents.js";
import { DOMAINS } from "./topic.js";

export const CORPUS = corpusOf("documents of the organism's pre-training corpus", PRETRAINING_MIXTURE);

/** Thoughts stand before their answer, between think tags. */
export function corpusOf(name: string, mixture: Mixture): DocumentSource {
  return {
    name,
    labels: [
      ...CHARACTERS.map((character) => ({ kind: "character", name: character, ofDocument: true })),
      ...DOMAINS.map((domain) => ({ kind: "domain", name: domain, ofDocument: false })),
    ],
    draw(random: Random): LabelledDocument {
      const { system, turns } = sampleDocument(random, mixture);
      return {
        messages: [
          ...(system === undefined ? [] : [{ role: "system" as const, content: system }]),
          ...turns.flatMap(({ user, assistant, thoughts }) => [
            { role: "user" as const, content: user },
            {
              role: "assistant" as const,
              content: thoughts === undefined ? assistant : `<think>\n${thoughts}\n</think>\n\n${assistant}`,
            },
          ]),
        ],
        answers: turns.map(({ character, domain }) => [
          { kind: "character", name: character },
          { kind: "domain", name: domain },
        ]),
      };
    },
  };
}
