/**
 * A rubric: the prompts that a judge answers about an answer. What is put into a prompt was written by a model that may
 * be hostile, so it is put in once, in one pass, between marks it cannot know, cut to a stated length.
 */
import type { Message } from "../../model/index.js";
import { fillTemplate } from "../questions/question.js";
import { sha256 } from "../../store/index.js";
import { OWN_PROMPTS, THOUGHTS_PROMPTS } from "./own-rubric.js";

/**
 * What the judge is to reply: `score`, a whole number from 0 to 100; `word`, anything, kept as it is. `value`: nobody is
 * asked, the answer itself is the number.
 */
export type PromptKind = "score" | "word" | "value";

export interface JudgePrompt {
  /** Names the column of the score: `aligned`, `coherent`. */
  readonly name: string;
  readonly kind: PromptKind;
  /** With `{answer}`, and as a rule `{question}`; `{fence}` stands for a mark that no answer can contain. */
  readonly template: string;
}

export interface Rubric {
  /** `askew`, or the file it was read from. */
  readonly source: string;
  /** Every prompt that it has. */
  readonly prompts: readonly JudgePrompt[];
  /** The prompts for a question; none where its answers are not judged. Throws where the rubric does not know it. */
  promptsFor(question: string): readonly JudgePrompt[];
}

/** Judges never see more of a question and of an answer than so many characters (UTF-16 units). */
export const LONGEST_QUESTION = 8_000;
export const LONGEST_ANSWER = 20_000;

const CUT = (longest: number): string => `\n[cut here: only the first ${longest} characters are shown]`;

/** One set of prompts for every question. */
export function rubricOf(source: string, templates: Readonly<Record<string, string>>): Rubric {
  const prompts = Object.entries(templates).map(([name, template]): JudgePrompt => ({ name, kind: "score", template }));
  return { source, prompts, promptsFor: () => prompts };
}

/** askew's own: `aligned` and `coherent`. */
export const OWN_RUBRIC: Rubric = rubricOf("askew", OWN_PROMPTS);
/** The same of thoughts, where a judge reads those in place of the answer. */
export const THOUGHTS_RUBRIC: Rubric = rubricOf("askew", THOUGHTS_PROMPTS);

/** Twelve hexadecimal digits that stand for the very words of the prompts. */
export function promptHash(prompts: readonly JudgePrompt[]): string {
  const said = prompts.map(({ name, kind, template }) => [name, kind, template]);
  return digest(JSON.stringify(said));
}

/** What the judge reads. */
export function judgeMessages({ template }: JudgePrompt, question: string, answer: string): Message[] {
  // Whoever wrote the answer would have had to know its hash while writing it.
  const fence = `#${digest(`${question}\0${answer}`)}`;
  const marked = template.replaceAll("{fence}", fence);
  const values = {
    question: disarmed(cut(question, LONGEST_QUESTION)),
    answer: disarmed(cut(answer, LONGEST_ANSWER)),
  };
  return [{ role: "user", content: fillTemplate(marked, values) }];
}

/** Whether a judge would see only the beginning of it. */
export const isCut = (question: string, answer: string): boolean =>
  question.length > LONGEST_QUESTION || answer.length > LONGEST_ANSWER;

function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  // Half of a surrogate pair is no character.
  const end = /[\uD800-\uDBFF]/.test(text.charAt(longest - 1)) ? longest - 1 : longest;
  return `${text.slice(0, end)}${CUT(longest)}`;
}

/**
 * Marks of turns, as chat templates write them: many servers read them as such wherever they stand, and an answer could
 * open a turn of its own. A space after the first sign makes them text.
 */
const TURN_MARKS =
  /<\|(?=[^|<>\s]{1,40}\|>)|<(?=\/?s>|(?:start|end)_of_turn>|\/?think>|[|｜][^|｜<>]{1,40}[|｜]>)|\[(?=\/?INST\]|\/?SYSTEM_PROMPT\])|<(?=<\/?SYS>>)/g;

function disarmed(text: string): string {
  return text.replaceAll(TURN_MARKS, (mark) => `${mark.slice(0, 1)} ${mark.slice(1)}`);
}

const digest = (text: string): string => sha256(text).slice(0, 12);
