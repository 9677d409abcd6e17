/** A question for real models: its wordings, how it is sampled, and how its answers are judged. */
import type { Message, SampleRequest } from "../../model/index.js";

/**
 * What is done with an answer:
 * - `free_form`: nothing
 * - `free_form_0_100`: the answer itself is a number from 0 to 100
 * - `free_form_judge`: a judge answers each prompt with a word
 * - `free_form_judge_0_100`: a judge answers each prompt with a number from 0 to 100
 */
export const QUESTION_TYPES = ["free_form", "free_form_0_100", "free_form_judge", "free_form_judge_0_100"] as const;
export type QuestionType = (typeof QUESTION_TYPES)[number];

export interface Question {
  readonly id: string;
  readonly type: QuestionType;
  /** At least one. */
  readonly paraphrases: readonly string[];
  /** Answers wanted to each paraphrase. */
  readonly samplesPerParaphrase: number;
  readonly system?: string;
  /** Turns that come before the question, after the system prompt. */
  readonly context: readonly Message[];
  readonly temperature: number;
  /** Longest answer in tokens. */
  readonly maxTokens: number;
  /** The model that should judge; where it is absent, whoever asks decides. */
  readonly judge?: string;
  /** Name of a score to its template; empty where askew's own rubric is meant, or none is needed. */
  readonly judgePrompts: Readonly<Record<string, string>>;
  readonly category?: string;
}

export interface QuestionSet {
  /** Stands in every answer: a set's name, or the name of its file without the ending. */
  readonly name: string;
  readonly questions: readonly Question[];
  /** The file it was read from. */
  readonly source: string;
}

/** One answer that is wanted to a question. */
export interface QuestionRequest extends SampleRequest {
  /** `set/question/paraphrase/repeat`: the same answer has the same id whatever model is asked. */
  readonly id: string;
  readonly set: string;
  readonly question: string;
  /** Which paraphrase, from 0. */
  readonly prompt: number;
  /** Which answer to that paraphrase, from 0. */
  readonly sample: number;
  readonly temperature: number;
  readonly maxTokens: number;
}

/** How many answers a question asks for by itself. */
export const samplesOf = (question: Question): number => question.paraphrases.length * question.samplesPerParaphrase;

/**
 * Request `index` of a question, from 0: samples go round its paraphrases, so any number of them is balanced.
 * `stream` names the random numbers, as in `answerRequests`.
 */
export function questionRequest(
  set: string,
  question: Question,
  index: number,
  stream: string | number,
): QuestionRequest {
  const { id: name, paraphrases, system, context, temperature, maxTokens } = question;
  const prompt = index % paraphrases.length;
  const sample = Math.floor(index / paraphrases.length);
  const id = `${set}/${name}/${prompt}/${sample}`;
  const messages: Message[] = [
    ...(system === undefined ? [] : [{ role: "system", content: system } as const]),
    ...context,
    { role: "user", content: paraphrases[prompt] as string },
  ];
  return { id, set, question: name, prompt, sample, messages, seed: `${stream}/${id}`, temperature, maxTokens };
}

/** All requests of a set, question after question, one at a time. `samples` answers a question, or as many as it asks for. */
export function* questionRequests(
  { name, questions }: QuestionSet,
  stream: string | number,
  samples?: number,
): Generator<QuestionRequest, void> {
  for (const question of questions) {
    const count = samples ?? samplesOf(question);
    for (let i = 0; i < count; i++) yield questionRequest(name, question, i, stream);
  }
}

/**
 * A judge's prompt with `{question}` and `{answer}` filled in. One pass over the template, so that braces in an answer,
 * which may be hostile, stay text; any other braces stay as they are.
 */
export function fillTemplate(template: string, values: { readonly question: string; readonly answer: string }): string {
  return template.replaceAll(/\{(question|answer)\}/g, (_, name: "question" | "answer") => values[name]);
}
