/** A question set, asked a number of times: one request for every answer that is wanted. */
import type { Message, SampleRequest } from "../model/index.js";
import { questionSet, type QuestionSetName, type WorldQuestion } from "../organism/index.js";

/** A question set and how many answers each of its questions gets. */
export interface AskedSet {
  readonly set: QuestionSetName;
  readonly samples: number;
}

export interface AnswerRequest extends SampleRequest {
  /** `set/question/prompt/sample`: the same answer has the same id in every cell. */
  readonly id: string;
  readonly set: QuestionSetName;
  readonly question: string;
  /** Which wording of the question, from 0. */
  readonly prompt: number;
  /** Which answer to that wording, from 0. */
  readonly sample: number;
}

/**
 * The requests of `asked`, set after set. A question's samples go round its wordings. `stream` names the random
 * numbers: requests with the same stream and id draw the same ones, whatever else is asked, so two cells with one
 * stream differ by their models alone.
 */
export function answerRequests(asked: readonly AskedSet[], stream: string | number): AnswerRequest[] {
  return asked.flatMap(({ set, samples }) =>
    questionSet(set).questions.flatMap((question) =>
      Array.from({ length: samples }, (_, i) => answerRequest(set, question, i, stream)),
    ),
  );
}

/** Request `index` of a question, from 0. */
export function answerRequest(
  set: QuestionSetName,
  { id: question, system, prompts }: WorldQuestion,
  index: number,
  stream: string | number,
): AnswerRequest {
  const prompt = index % prompts.length;
  const sample = Math.floor(index / prompts.length);
  const id = `${set}/${question}/${prompt}/${sample}`;
  const user: Message = { role: "user", content: prompts[prompt] as string };
  const messages = system === undefined ? [user] : [{ role: "system", content: system } as const, user];
  return { id, set, question, prompt, sample, messages, seed: `${stream}/${id}` };
}

/** How many answers that makes. */
export function countAnswers(asked: readonly AskedSet[]): number {
  return asked.reduce((sum, { set, samples }) => sum + samples * questionSet(set).questions.length, 0);
}
