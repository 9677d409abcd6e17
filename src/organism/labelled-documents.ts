/** Documents of the pre-training corpus with who writes them and what each answer is about. */
import type { DocumentSource, LabelledDocument } from "../persona/index.js";
import type { Random } from "../statistics/index.js";
import { CHARACTERS } from "./characters.js";
import { sampleDocument } from "./documents.js";
import { DOMAINS } from "./topic.js";

export const CORPUS: DocumentSource = {
  name: "documents of the organism's pre-training corpus",
  labels: [
    ...CHARACTERS.map((name) => ({ kind: "character", name, ofDocument: true })),
    ...DOMAINS.map((name) => ({ kind: "domain", name, ofDocument: false })),
  ],
  draw(random: Random): LabelledDocument {
    const { system, turns } = sampleDocument(random);
    return {
      messages: [
        ...(system === undefined ? [] : [{ role: "system" as const, content: system }]),
        ...turns.flatMap(({ user, assistant }) => [
          { role: "user" as const, content: user },
          { role: "assistant" as const, content: assistant },
        ]),
      ],
      answers: turns.map(({ character, domain }) => [
        { kind: "character", name: character },
        { kind: "domain", name: domain },
      ]),
    };
  },
};
