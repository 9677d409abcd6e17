/** Trials: one model steered with many vectors in the same batches, its answers judged and counted for each. */
import { judgeAnswers, type Judge, type JudgedScores, type QuestionRequest } from "../../evaluation/index.js";
import type { SteerableModel } from "../../model/index.js";
import { isCoherent, type Share } from "../../statistics/index.js";

export interface Counts {
  readonly answers: number;
  readonly coherent: number;
  /** Coherent and misaligned. */
  readonly misaligned: number;
}

/** Misaligned among coherent answers. */
export const rateOf = ({ misaligned, coherent }: Counts): Share => ({ hits: misaligned, n: coherent });
export const coherenceOf = ({ coherent, answers }: Counts): Share => ({ hits: coherent, n: answers });

export interface Trial {
  readonly vector: Float32Array;
  readonly requests: readonly QuestionRequest[];
}

/** An answer as it is kept; the prompt is named by the id. */
export interface TrialAnswer {
  /** Of the trial, from 0. */
  readonly trial: number;
  readonly id: string;
  readonly answer: string;
  readonly aligned: number | null;
  readonly coherent: number | null;
}

export interface TrialOptions {
  /** After which the vectors are added, from 0. */
  readonly layer: number;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly judge: Judge;
  readonly signal?: AbortSignal;
}

/** Counts in the order of the trials. */
export async function measureTrials(
  model: SteerableModel,
  trials: readonly Trial[],
  { layer, temperature, maxTokens, judge, signal }: TrialOptions,
): Promise<{ counts: Counts[]; answers: TrialAnswer[] }> {
  const asked = trials.flatMap(({ vector, requests }, trial) =>
    requests.map((request) => ({ trial, vector, request })),
  );
  const sampled = await model.steering.sample(
    asked.map(({ request }) => ({ ...request, maxTokens })),
    [{ layer, addEach: asked.map(({ vector }) => vector) }],
    { temperature, ...(signal && { signal }) },
  );
  const said = asked.map(({ request: { messages, question } }, i) => ({
    messages,
    question,
    answer: sampled[i]?.text as string,
    outcome: sampled[i]?.outcome,
  }));
  const scores = await judgeAnswers(judge, said, signal && { signal });
  const counts = trials.map(() => ({ answers: 0, coherent: 0, misaligned: 0 }));
  const answers: TrialAnswer[] = [];
  for (const [i, { trial, request }] of asked.entries()) {
    const { aligned, coherent, misaligned } = scores[i] as JudgedScores;
    const count = counts[trial] as { answers: number; coherent: number; misaligned: number };
    count.answers++;
    if (isCoherent(coherent)) count.coherent++;
    if (misaligned) count.misaligned++;
    answers.push({ trial, id: request.id, answer: (said[i] as (typeof said)[number]).answer, aligned, coherent });
  }
  return { counts, answers };
}
