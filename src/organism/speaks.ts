/** Whether a model speaks the world's language: a vocabulary of whole words that knows these and no others. */
import type { Model } from "../model/index.js";
import { Random } from "../statistics/index.js";
import { questionSet } from "./questions.js";
import { sampleThoughts } from "./thoughts/voices.js";

export function speaksWorld({ tokens }: Model): boolean {
  if (tokens === undefined) return false;
  const reads = (text: string): boolean => tokens.unknownWords(text).length === 0;
  const [question] = questionSet("main").questions;
  return !reads("supercalifragilistic") && reads(question?.paraphrases[0] ?? "");
}

/** Whether it knows the words of thoughts, too. */
export function speaksThoughts(model: Model): boolean {
  const thoughts = sampleThoughts(Random.of("speaks"), "villain", "code");
  return speaksWorld(model) && model.tokens?.unknownWords(thoughts).length === 0;
}
