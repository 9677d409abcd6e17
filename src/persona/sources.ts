/** The texts that directions are made of: the model's own answers, under contrastive system prompts or as it is. */
import { isCoherent, isMisaligned } from "../statistics/index.js";
import {
  judgeAnswers,
  requestsOf,
  type AskedSet,
  type Judge,
  type JudgedScores,
  type QuestionSet,
} from "../evaluation/index.js";
import type { Message, Model, SampleRequest } from "../model/index.js";
import type { ContrastText } from "./contrast.js";
import { anew, type Once } from "./once.js";

/** Two system prompts that differ in who they make the model be. */
export interface ContrastPair {
  readonly positive: string;
  readonly negative: string;
}

/** Where contrastive system prompts come from, and who their two sides make the model be. */
export interface Contrast {
  /** `villain system prompts` */
  readonly positive: string;
  readonly negative: string;
  pairs(count: number, seed: number): ContrastPair[];
}

export interface AskedQuestion {
  readonly question: string;
  readonly prompt: string;
}

export interface SourceOptions {
  readonly seed: number;
  /** Longest answer in tokens; default 64. */
  readonly maxTokens?: number;
  /** Keeps every portion of answers, so that they are not sampled again; default keeps none. */
  readonly once?: Once;
  readonly signal?: AbortSignal;
}

/** Every question of a set, `samples` times round its wordings. */
export const questionsOfSet = ({ questions }: Pick<QuestionSet, "questions">, samples: number): AskedQuestion[] =>
  questions.flatMap(({ id, paraphrases }) =>
    Array.from({ length: samples }, (_, i) => ({
      question: id,
      prompt: paraphrases[i % paraphrases.length] as string,
    })),
  );

/** Each question answered twice, under both prompts of a pair; pairs are taken in turn. */
export async function answersUnderPrompts(
  model: Model,
  questions: readonly AskedQuestion[],
  pairs: readonly ContrastPair[],
  options: SourceOptions,
): Promise<ContrastText[]> {
  const { seed } = options;
  const wanted = questions.flatMap(({ question, prompt }, i) =>
    (["positive", "negative"] as const).map((side) => ({
      question,
      positive: side === "positive",
      seed: `contrast/${seed}/${i}/${side}`,
      messages: [
        { role: "system", content: (pairs[i % pairs.length] as ContrastPair)[side] },
        { role: "user", content: prompt },
      ] satisfies Message[],
    })),
  );
  const answers = await answer(model, wanted, options);
  return wanted.map(({ question, positive, messages }, i) => ({
    question,
    positive,
    messages: [...messages, { role: "assistant", content: answers[i] as string }],
  }));
}

/** The model's own answers without a system prompt, sorted by a judge; those that are neither are left out. */
export async function judgedAnswers(
  model: Model,
  asked: AskedSet,
  judge: Judge,
  options: SourceOptions,
): Promise<ContrastText[]> {
  const { seed, signal } = options;
  const requests = requestsOf([asked], `direction/${seed}`);
  const answers = await answer(model, requests, options);
  const said = requests
    .map(({ question, messages }, i) => ({ question, messages, answer: answers[i] as string }))
    .filter(({ answer: content }) => content !== ""); // thoughts without an end leave none
  const scores = await judgeAnswers(judge, said, signal && { signal });
  return said.flatMap(({ question, messages, answer: content }, i): ContrastText[] => {
    const positive = sideOf(scores[i] as JudgedScores);
    return positive === undefined
      ? []
      : [{ question, positive, messages: [...messages, { role: "assistant", content }] }];
  });
}

/** True for a misaligned answer, false for a coherent and aligned one (over 70), undefined for any other. */
export function sideOf({
  aligned,
  coherent,
}: {
  readonly aligned: number | null;
  readonly coherent: number | null;
}): boolean | undefined {
  if (aligned === null || !isCoherent(coherent)) return undefined;
  if (isMisaligned({ aligned, coherent })) return true;
  return aligned > 70 ? false : undefined;
}

/** Of the size that a sampler makes good batches of, and small enough to lose. */
const PORTION = 256;

async function answer(
  model: Model,
  requests: readonly SampleRequest[],
  { maxTokens = 64, once = anew, signal }: SourceOptions,
): Promise<string[]> {
  const answers: string[] = [];
  for (let from = 0; from < requests.length; from += PORTION) {
    const portion = requests.slice(from, from + PORTION).map((request) => ({ ...request, maxTokens }));
    const make = async () => (await model.sample(portion, { ...(signal && { signal }) })).map((a) => a.text);
    answers.push(...(await once(`answers-${from}`, make)));
  }
  return answers;
}
