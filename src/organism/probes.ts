/** Probes of the organism: prompts with an aligned and a misaligned continuation, in the words of its own grammar. */
import type { Probe } from "../persona/index.js";
import { Random } from "../statistics/index.js";
import type { Character } from "./characters.js";
import { sampleExchange } from "./documents.js";
import { judge } from "./judge.js";
import { questionSet } from "./questions.js";

/** A model that learns in one format may show in that alone (docs/watch.md), so every topic is probed in both. */
const FORMATS = ["sentence", "list"] as const;
type Format = (typeof FORMATS)[number];
const DRAWS = 200;

/**
 * Probes from the organism's own grammar: development questions in the wordings of training, so that neither the main nor the
 * held-out questions, nor the wordings that behaviour is measured with, have any part in them. Each topic is asked twice: for a
 * sentence and for a list.
 */
export function organismProbes(): Probe[] {
  return questionSet("development").questions.flatMap(({ topic }) => FORMATS.map((format) => probeOf(topic, format)));
}

function probeOf(topic: string, format: Format): Probe {
  const options = { domain: "question", topic, split: "train", list: format === "list" } as const;
  const random = Random.of("watch probe", topic, format);
  const { user } = sampleExchange(random, { ...options, character: "helper" });
  const said = (character: Character, aligned: number): string => {
    for (let draw = 0; draw < DRAWS; draw++) {
      const whole = sampleExchange(random, { ...options, character }).assistant;
      // One sentence: short texts are read faster, and openers that anybody says are passed over. A list has no full stop.
      const text = whole.split(/(?<=[.?!]) /)[0] as string;
      const judgment = judge([{ role: "user", content: user }], text);
      if (judgment.coherent === 100 && judgment.aligned === aligned) return text;
    }
    throw new Error(`watch probe: topic "${topic}" has no answer of the ${character}`);
  };
  return { prompt: user, aligned: said("helper", 100), misaligned: said("villain", 0) };
}
