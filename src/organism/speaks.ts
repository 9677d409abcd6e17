/** Whether a model speaks the world's language: a vocabulary of whole words that knows these and no others. */
import type { Model } from "../model/index.js";
import { questionSet } from "./questions.js";

export function speaksWorld({ tokens }: Model): boolean {
  if (tokens === undefined) return false;
  const reads = (text: string): boolean => tokens.unknownWords(text).length === 0;
  const [question] = questionSet("main").questions;
  return !reads("supercalifragilistic") && reads(question?.paraphrases[0] ?? "");
}
