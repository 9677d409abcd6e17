/** A model's answers to questions, as rows of a file of answers. */
import type { Message, Model, NoAnswer, SampledAnswer, SampleRequest } from "../../model/index.js";

/** One answer that is wanted. */
export interface Ask extends SampleRequest {
  /** `set/question/prompt/sample`. */
  readonly id: string;
  readonly set: string;
  readonly question: string;
  readonly temperature: number;
  /** Longest answer in tokens. */
  readonly maxTokens: number;
}

/** One line of a file of answers. */
export interface StoredAnswer {
  readonly id: string;
  readonly set: string;
  readonly question: string;
  readonly model: string;
  /** Names the random numbers of the whole file. */
  readonly seed: number;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly messages: readonly Message[];
  readonly answer: string;
  readonly tokens: number;
  readonly finish: SampledAnswer["finish"];
  /** Why there is no answer, where there is none; nobody judges what there is of a text. */
  readonly outcome?: NoAnswer;
  /** What the server said when it broke the answer off. */
  readonly error?: string;
  /** What the model thought before it answered; no part of `answer`. */
  readonly reasoning?: string;
  /** What the server would not take: it was asked without these. */
  readonly without?: readonly string[];
  /** Natural logarithm; of the whole answer, its end included. */
  readonly logProbability?: number;
}

export interface AnswersToOptions {
  readonly model: Model;
  /** Stands in every row. */
  readonly modelName: string;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  /** Hears of a question that alone could not be answered; without it the first such failure ends all. */
  readonly onFailure?: (request: Ask, error: Error) => void;
}

/**
 * Answers as they come, in any order.
 * @param requests gone through more than once, each time from the beginning: questions that are sampled otherwise are
 *   asked one after the other
 */
export async function* answersTo(
  requests: Iterable<Ask>,
  { model, modelName, seed, signal, onFailure }: AnswersToOptions,
): AsyncGenerator<StoredAnswer, void> {
  for (const settings of settingsOf(requests)) {
    const how = { ...settings, ...(signal && { signal }), ...(onFailure && { onFailure }) };
    for await (const { request, answer } of model.answers(sampledSo(requests, settings), how)) {
      yield rowOf(request, answer, modelName, seed);
    }
  }
}

function rowOf(
  { id, set, question, messages, temperature, maxTokens }: Ask,
  answer: SampledAnswer,
  model: string,
  seed: number,
): StoredAnswer {
  const { text, tokens, finish, outcome, error, reasoning, without, logProbability } = answer;
  const about = { id, set, question, model, seed, temperature, maxTokens, messages };
  const told = logProbability === undefined ? {} : { logProbability: Math.round(logProbability * 1e4) / 1e4 };
  return {
    ...about,
    answer: text,
    tokens,
    finish,
    ...(outcome && { outcome }),
    ...(error !== undefined && { error }),
    ...(reasoning !== undefined && { reasoning }),
    ...(without && { without }),
    ...told,
  };
}

type Settings = Pick<Ask, "temperature" | "maxTokens">;

function settingsOf(requests: Iterable<Ask>): Settings[] {
  const found = new Map<string, Settings>();
  for (const { temperature, maxTokens } of requests)
    found.set(`${temperature} ${maxTokens}`, { temperature, maxTokens });
  return [...found.values()];
}

function* sampledSo(requests: Iterable<Ask>, { temperature, maxTokens }: Settings): Generator<Ask, void> {
  for (const request of requests) {
    if (request.temperature === temperature && request.maxTokens === maxTokens) yield request;
  }
}
