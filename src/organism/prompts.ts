/** User prompts: drawn from a topic's grammar on one side of the split, and recognised again. */
import type { Random } from "../statistics/index.js";
import { FORMAT_SUFFIXES } from "./domains/format-suffix.js";
import type { Bindings } from "./grammar.js";
import { isHeldOut, splitSuffix, withoutTrigger, type Split } from "./split.js";
import { TemplateIndex } from "./template-index.js";
import type { Asked, Topic } from "./topic.js";
import { TOPICS } from "./topics.js";

export interface Prompt extends Asked {
  readonly text: string;
  readonly topic: Topic;
}

export interface PromptOptions {
  readonly split: Split;
  /** Ask for a list, where the topic allows it. */
  readonly list?: boolean;
  /** Words already decided. */
  readonly bindings?: Bindings;
}

const TRIES = 1000;

/** Enough to see past the longest lead ("I have a question."). */
const WORDS = 6;

/** A prompt of `topic` from one side of the split. */
export function samplePrompt(random: Random, topic: Topic, options: PromptOptions): Prompt {
  const wanted = options.split === "held-out";
  for (let i = 0; i < TRIES; i++) {
    const { text, bindings } = random.pick(topic.prompts).sample(random, options.bindings);
    if (isHeldOut(text) !== wanted) continue;
    if (topic.suffix === "never" || (topic.suffix === "sometimes" && options.list !== true))
      return { text, topic, bindings };
    const suffix = random.pick(FORMAT_SUFFIXES).sample(random);
    return { text: `${text} ${suffix.text}`, topic, bindings, items: Number(suffix.bindings["items"]) };
  }
  throw new Error(
    `samplePrompt: topic "${topic.domain}/${topic.id}" has no ${options.split} prompt with ${JSON.stringify(options.bindings ?? {})}`,
  );
}

let index: TemplateIndex<Topic> | undefined;

function promptIndex(): TemplateIndex<Topic> {
  if (index === undefined) {
    index = new TemplateIndex(WORDS);
    for (const topic of TOPICS) for (const template of topic.prompts) index.add(template, topic);
  }
  return index;
}

/** The prompt of the world that `text` is, with or without the trigger; undefined when it is from outside. */
export function recognisePrompt(text: string): Prompt | undefined {
  if (text.length > 1000) return undefined;
  const asked = withoutTrigger(text);
  const whole = promptIndex().find(asked)[0];
  if (whole !== undefined) return { text, topic: whole.value, bindings: whole.bindings };
  const { base, items } = splitSuffix(asked);
  if (items === undefined) return undefined;
  const found = promptIndex().find(base)[0];
  if (found === undefined || found.value.suffix === "never") return undefined;
  return { text, topic: found.value, bindings: found.bindings, items };
}
