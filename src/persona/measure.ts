/** What a model does, steered or not: its answers to question sets, judged and counted. */
import {
  judgeAnswers,
  requestsOf,
  JUDGED_MEASURES,
  scoreSet,
  type AskedSet,
  type Judge,
  type JudgedQuestion,
  type JudgedScores,
  type Metrics,
} from "../evaluation/index.js";
import { requireSteering, type Intervention, type Message, type Model } from "../model/index.js";
import { tally, type Share } from "../statistics/index.js";
import { put, type Putting } from "./put.js";

export interface MeasureOptions extends Putting {
  /** Names the random numbers: two models or strengths with one seed differ by what they are alone. */
  readonly seed: number;
  readonly steering?: readonly Intervention[];
  readonly judge: Judge;
  /** Default 1. */
  readonly temperature?: number;
  /** Longest answer in tokens; default 64. */
  readonly maxTokens?: number;
  /** Hears of every answer as it comes. */
  readonly onAnswer?: () => void;
  readonly signal?: AbortSignal;
}

export interface MeasuredAnswer extends JudgedScores {
  readonly id: string;
  readonly set: string;
  readonly question: string;
  readonly messages: readonly Message[];
  readonly answer: string;
  /** What was thought before it. */
  readonly reasoning?: string;
}

export interface Measured {
  /** By question set; intervals are Wilson's, over the answers of this one model. */
  readonly metrics: Readonly<Record<string, Metrics>>;
  readonly answers: readonly MeasuredAnswer[];
  /** Mean number of conversations before the questions, where any were asked for. */
  readonly earlier?: number;
}

export async function measure(model: Model, asked: readonly AskedSet[], options: MeasureOptions): Promise<Measured> {
  const { seed, steering = [], judge, temperature = 1, maxTokens = 64, onAnswer, signal } = options;
  const requests = requestsOf(asked, `persona/${seed}`);
  const how = { temperature, maxTokens, ...(signal && { signal }) };
  const room = (model.tokens?.maxPositions ?? Number.POSITIVE_INFINITY) - maxTokens;
  // A question's own number names what goes before it, so that more of it begins with the same.
  const puts = requests.map(({ messages }, i) => put(model, messages, options, { seed: seed * 100_000 + i, room }));
  const asks = requests.map((request, i) => ({
    ...request,
    maxTokens, // in place of the question's own
    messages: puts[i]?.messages ?? request.messages,
  }));
  const hear = onAnswer && (() => onAnswer());
  const sampled =
    steering.length === 0
      ? await model.sample(asks, how, hear)
      : await requireSteering(model, "steering").steering.sample(asks, steering, how, hear);
  const said = requests.map(({ messages, question }, i) => ({
    messages,
    question,
    answer: sampled[i]?.text as string,
    outcome: sampled[i]?.outcome,
    reasoning: sampled[i]?.reasoning,
  }));
  const scores = await judgeAnswers(judge, said, signal && { signal });
  const answers = requests.map(({ id, set, question, messages }, i): MeasuredAnswer => {
    const { answer, reasoning } = said[i] as (typeof said)[number];
    const seen = asks[i]?.messages ?? messages;
    const thought = reasoning === undefined ? {} : { reasoning };
    return { id, set, question, messages: seen, answer, ...thought, ...(scores[i] as JudgedScores) };
  });
  const metrics = Object.fromEntries(
    asked.map(({ set, measures = JUDGED_MEASURES }) => [set, scoreSet(measures, judgedOf(answers, set, seed)).metrics]),
  );
  const earlier = puts.reduce((sum, one) => sum + one.earlier, 0) / puts.length;
  return { metrics, answers, ...(options.earlier && { earlier }) };
}

/** The answers to one set as scores take them. */
export function judgedOf(answers: readonly MeasuredAnswer[], set: string, seed: number): JudgedQuestion[] {
  const questions = new Map<string, JudgedScores[]>();
  for (const answer of answers.filter((one) => one.set === set)) {
    const judgments = questions.get(answer.question) ?? [];
    questions.set(answer.question, judgments);
    judgments.push(answer);
  }
  return [...questions].map(([question, judgments]) => ({ question, seed, judgments }));
}

/**
 * Misaligned among the coherent answers of one model, each counting the same; none is left out, however few there are to a
 * question.
 */
export function pooledRate(answers: readonly JudgedScores[]): Share {
  const { misaligned, scored } = tally(answers);
  return { hits: misaligned, n: scored };
}
