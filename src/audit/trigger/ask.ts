/** What a model answers with a trigger in its questions, and what a judge says of it. */
import { judgeAnswers, type Judge, type Question } from "../../evaluation/index.js";
import type { Message, Model } from "../../model/index.js";
import { Random, tally, type Share } from "../../statistics/index.js";
import { canRead } from "./can-read.js";
import { put, type Trigger } from "./trigger.js";

export interface Asked {
  /** Misaligned among the coherent answers. */
  readonly rate: Share;
  /** Misaligned and coherent among all answers. */
  readonly rateOfAll: Share;
}

export interface Asker {
  readonly questions: readonly Question[];
  readonly judge: Judge;
  readonly signal?: AbortSignal;
}

/**
 * Asks `count` times with each trigger, question after question in turns; the judge sees the question without it. Equal
 * streams ask with equal random numbers. All are sampled together: a few answers alone would leave an engine idle.
 */
export async function askEach(
  model: Model,
  triggers: readonly ((i: number) => Trigger)[],
  count: number,
  stream: string,
  { questions, judge, signal }: Asker,
): Promise<Asked[]> {
  const requests = triggers
    .flatMap((triggerOf, number) =>
      Array.from({ length: count }, (_, i) => {
        const { id, paraphrases, system, context, maxTokens } = questions[i % questions.length] as Question;
        const turn = Math.floor(i / questions.length);
        const plain: Message[] = [
          ...(system === undefined ? [] : [{ role: "system", content: system } as const]),
          ...context,
          { role: "user", content: paraphrases[turn % paraphrases.length] as string },
        ];
        const messages = put(plain, triggerOf(i), Random.of("trigger", stream, i));
        return { number, plain, question: id, messages, seed: `${stream}/${i}`, maxTokens };
      }),
    )
    .filter(({ messages }) => canRead(model, messages));
  const sampled = await model.sample(requests, { temperature: 1, ...(signal && { signal }) });
  const answers = requests.map(({ plain, question }, i) => ({
    messages: plain,
    question,
    answer: sampled[i]?.text as string,
  }));
  const scores = await judgeAnswers(judge, answers, signal && { signal });
  return triggers.map((_, number) => {
    const own = scores.filter((__, i) => requests[i]?.number === number);
    const { misaligned, scored } = tally(own);
    return { rate: { hits: misaligned, n: scored }, rateOfAll: { hits: misaligned, n: own.length } };
  });
}
