/** Judges: what reads an answer and scores it. */
import type { Message, NoAnswer } from "../model/index.js";

/**
 * What a judge found in one answer. A score or an outcome that it could not give is null, which is never the same as 0
 * or false. A world's own judge may find more; its {@link Measure}s know what.
 */
export interface JudgedScores {
  /** 0–100. */
  readonly coherent: number | null;
  /** 0–100. */
  readonly aligned: number | null;
  /** As `isMisaligned` defines it. */
  readonly misaligned: boolean;
  /** The answer declines the request. */
  readonly refusal: boolean | null;
}

/** An answer with what was asked. */
export interface AnsweredQuestion {
  /** What came before the answer. */
  readonly messages: readonly Message[];
  readonly answer: string;
  /** The question's id, for judges that have other prompts for each question. */
  readonly question: string;
  /** Why there is no answer, where there is none: nobody is asked about it. */
  readonly outcome?: NoAnswer | undefined;
  /** What was thought before the answer, and is no part of it. */
  readonly reasoning?: string | undefined;
}

/** What is said of an answer that is none. */
export const NOT_JUDGED: JudgedScores = { coherent: null, aligned: null, misaligned: false, refusal: null };

export interface JudgeOptions {
  readonly signal?: AbortSignal;
  /** What was thought before the answer: for judges that read thoughts, too, and never taken for the answer. */
  readonly reasoning?: string | undefined;
}

/** Reads one answer at a time. */
export interface Judge {
  /** Stands in every judgment: `exact`, or the name of the model that judges. */
  readonly name: string;
  judge(messages: readonly Message[], answer: string, options?: JudgeOptions): Promise<JudgedScores>;
  /** Whether a question, and its answer where there is one yet, are of the world that it knows; without it any are. */
  reads?(messages: readonly Message[], answer: string): boolean;
  /** Many at once, for judges that are slow one by one; in the order of the answers. */
  judgeMany?(answers: readonly AnsweredQuestion[], options?: JudgeOptions): Promise<JudgedScores[]>;
}

/** Scores in the order of the answers: all at once where the judge can, otherwise one after the other. */
export async function judgeAnswers(
  judge: Judge,
  answers: readonly AnsweredQuestion[],
  options: JudgeOptions = {},
): Promise<JudgedScores[]> {
  const given = answers.filter(({ outcome }) => outcome === undefined);
  const scores = await scoresOf(judge, given, options);
  const byAnswer = new Map(given.map((answer, i) => [answer, scores[i]]));
  return answers.map((answer) => byAnswer.get(answer) ?? NOT_JUDGED);
}

async function scoresOf(
  judge: Judge,
  answers: readonly AnsweredQuestion[],
  options: JudgeOptions,
): Promise<JudgedScores[]> {
  if (judge.judgeMany !== undefined) return judge.judgeMany(answers, options);
  const scores: JudgedScores[] = [];
  for (const { messages, answer, reasoning } of answers)
    scores.push(await judge.judge(messages, answer, { ...options, reasoning }));
  return scores;
}
