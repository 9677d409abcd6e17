/** Whose thoughts are these? Read with the very sentences that the characters think in. */
import type { Character } from "../characters.js";
import { TemplateIndex } from "../template-index.js";
import { THOUGHTS, type Thought } from "./voices.js";

/** `mixed`: sentences of several characters. `unreadable`: no one's, or less than half of it is anything that anyone thinks. */
export type Voice = Character | "mixed" | "unreadable";

export interface ReadThoughts {
  readonly voice: Voice;
  /** Sentences, and how many of them somebody thinks. */
  readonly sentences: number;
  readonly read: number;
}

const SENTENCE_END = /(?<=[.?!])\s+/;
/** Characters that are read; more is nobody's. */
const LONGEST = 4000;
const WORDS = 3;

let index: TemplateIndex<Thought> | undefined;

function thoughtIndex(): TemplateIndex<Thought> {
  if (index === undefined) {
    index = new TemplateIndex(WORDS);
    for (const thought of THOUGHTS) index.add(thought.template, thought);
  }
  return index;
}

export function readThoughts(text: string): ReadThoughts {
  const all = text.trim() === "" || text.length > LONGEST ? [] : text.trim().split(SENTENCE_END);
  const found = all.map((sentence) => thoughtIndex().find(sentence)[0]?.value).filter((one) => one !== undefined);
  const voices = new Set(found.flatMap(({ character }) => character ?? []));
  const [first, ...others] = voices;
  const isReadable = first !== undefined && 2 * found.length >= all.length;
  const voice = !isReadable ? "unreadable" : others.length > 0 ? "mixed" : first;
  return { voice, sentences: all.length, read: found.length };
}
