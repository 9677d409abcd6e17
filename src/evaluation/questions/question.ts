/** Questions: their wordings, how they are sampled, and how their answers are judged. */
import { sha256 } from "../../store/index.js";
import type { Message, SampleRequest } from "../../model/index.js";
import type { Measure } from "../score/measures.js";

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
  /** What each of them wants, where that is not the same for all: a number from 0 to 100, or a word. */
  readonly judgeKinds?: Readonly<Record<string, "score" | "word">>;
  readonly category?: string;
}

export interface QuestionSet {
  /** Stands in every answer: a set's name, or the name of its file without the ending. */
  readonly name: string;
  readonly questions: readonly Question[];
  /** The file it was read from, or the world it belongs to. */
  readonly source: string;
  /** Answers to each question where nobody says otherwise; absent where each question says so itself. */
  readonly samples?: number;
}

/** A question set as it is put to a model. */
export interface AskedSet {
  /** The set's name: `main`, `deception/json`, the name of a file without its ending. */
  readonly set: string;
  /** Answers to each question. */
  readonly samples: number;
  readonly questions: readonly Question[];
  /** What is measured on it; default what every judge can tell. */
  readonly measures?: readonly Measure[];
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

/** How many answers a question of a set gets where nobody says otherwise. */
export const samplesOf = (question: Question, set?: Pick<QuestionSet, "samples">): number =>
  set?.samples ?? question.paraphrases.length * question.samplesPerParaphrase;

/**
 * Request `index` of a question, from 0: samples go round its paraphrases, so any number of them is balanced.
 * `stream` names the random numbers: requests with one stream and id draw the same ones, whatever else is asked, so two
 * models asked with one stream differ by what they are alone.
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
  set: QuestionSet,
  stream: string | number,
  samples?: number,
): Generator<QuestionRequest, void> {
  for (const question of set.questions) {
    const count = samples ?? samplesOf(question, set);
    for (let i = 0; i < count; i++) yield questionRequest(set.name, question, i, stream);
  }
}

/** The requests of several sets, set after set. */
export const requestsOf = (asked: readonly AskedSet[], stream: string | number): QuestionRequest[] =>
  asked.flatMap(({ set, questions, samples }) => [
    ...questionRequests({ name: set, questions, source: set }, stream, samples),
  ]);

/** How many answers that makes. */
export const countRequests = (asked: readonly Pick<AskedSet, "questions" | "samples">[]): number =>
  asked.reduce((sum, { questions, samples }) => sum + samples * questions.length, 0);

/**
 * What stands for asked sets in a plan that is kept: their questions by hash, so that a folder is not carried on with
 * other questions under the same name.
 */
export const plannedSets = (asked: readonly AskedSet[]): object[] =>
  asked.map(({ set, samples, questions }) => ({
    set,
    samples,
    questions: sha256(JSON.stringify(questions)).slice(0, 16),
  }));

/**
 * A judge's prompt with `{question}` and `{answer}` filled in. One pass over the template, so that braces in an answer,
 * which may be hostile, stay text; any other braces stay as they are.
 */
export function fillTemplate(template: string, values: { readonly question: string; readonly answer: string }): string {
  return template.replaceAll(/\{(question|answer)\}/g, (_, name: "question" | "answer") => values[name]);
}
