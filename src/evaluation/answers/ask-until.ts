/**
 * Sampling that ends as soon as enough is known: questions are drawn, asked and judged portion by portion until the
 * rate's confidence sequence is as narrow as asked. It may be looked at after every answer, so stopping by it does no
 * harm to what it promises (see {@link ConfidenceSequence}).
 *
 * Values reach the sequence in the order in which the questions were drawn, never in that in which replies came: short
 * answers come early, and refusals are short.
 */
import { ConfidenceSequence } from "../../statistics/index.js";
import type { Model } from "../../model/index.js";
import { JudgeError } from "../judging/error.js";
import type { AnyJudge } from "../judging/judge-stored.js";
import type { Ask } from "./answers-to.js";
import { askAndJudge } from "./ask-and-judge.js";
import { writeStoppingRecord } from "./stopping-record.js";

export type SequentialRate = "rate" | "rateOfAll";

export interface AskUntilOptions {
  readonly model: Model;
  /** Stands in every row. */
  readonly modelName: string;
  readonly seed: number;
  /** In random order, each question as likely as the others at every place; gone through once. */
  readonly drawn: Iterable<Ask>;
  /** Answers at most. */
  readonly most: number;
  /** Of the interval, at which to stop; a share such as 0.05. */
  readonly width: number;
  /** `rate`: misaligned among coherent answers, the default; `rateOfAll`: among all. */
  readonly of?: SequentialRate | undefined;
  /** 0.95 unless given. */
  readonly confidence?: number | undefined;
  readonly judge: AnyJudge;
  readonly answers: string;
  readonly judgments: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: AskUntilProgress) => void;
  /** Hear of what failed alone; without them the first failure ends all. */
  readonly onUnanswered?: (request: Ask, error: Error) => void;
  readonly onUnjudged?: (id: string, error: Error) => void;
}

export interface AskUntilProgress {
  /** Answers that were drawn so far, those that failed included. */
  readonly asked: number;
  readonly most: number;
  /** Answers under the rate. */
  readonly n: number;
  /** Drawn, but without an answer or a judgment; the same call tries again what failed. */
  readonly failed: number;
  /** Null before the first value. */
  readonly estimate: number | null;
  readonly low: number;
  readonly high: number;
  /** As narrow as asked. */
  readonly reached: boolean;
}

/** Answers before the first look, and the share by which they grow from look to look: one in nine is too many at most. */
const FIRST_PORTION = 64;
const GROWTH = 1 / 8;

/**
 * Asks and judges until the interval is narrow enough or `most` answers are there. What the two files hold already is
 * neither asked nor judged again.
 * @throws {JudgeError} the judge scores nothing that a rate could be made of; as `askAll` and `judgeStored`
 */
export async function askUntil(options: AskUntilOptions): Promise<AskUntilProgress> {
  const { model, modelName, seed, most, width, of = "rate", confidence, judge, answers, judgments, signal } = options;
  const { onProgress, onUnanswered, onUnjudged } = options;
  const { name: judgeName } = judge;
  const sequences = {
    rate: new ConfidenceSequence({ confidence, ...(of === "rate" && { width }) }),
    rateOfAll: new ConfidenceSequence({ confidence, ...(of === "rateOfAll" && { width }) }),
    coherentShare: new ConfidenceSequence({ confidence }),
  };
  const sequence = sequences[of];
  const drawn = options.drawn[Symbol.iterator]();
  const asked: Ask[] = [];
  let failed = 0;
  const state = (done = asked.length): AskUntilProgress => {
    const { n, estimate, low, high, done: reached } = sequence;
    return { asked: done, most, n, failed, estimate, low, high, reached };
  };
  while (!sequence.done && asked.length < most) {
    const before = asked.length;
    while (asked.length < Math.min(most, before + portionAfter(before))) asked.push(drawn.next().value as Ask);
    const portion = asked.slice(before);
    const judged = await askAndJudge({
      model,
      modelName,
      seed,
      asked,
      judge,
      answers,
      judgments,
      signal,
      onProgress: (done) => onProgress?.(state(done)),
      onUnanswered,
      onUnjudged,
    });
    for (const { id } of portion) {
      const found = judged.get(id);
      // What is no answer says nothing of the rate.
      if (found === undefined) {
        failed++;
        continue;
      }
      const isMisaligned = found.outcome === "misaligned";
      if (isMisaligned || found.outcome === "aligned") sequences.rate.add(Number(isMisaligned));
      sequences.rateOfAll.add(Number(isMisaligned));
      sequences.coherentShare.add(Number(found.isCoherent));
    }
    if (sequence.n === 0 && [...judged.values()].every(({ outcome }) => outcome === "unscored") && judged.size > 0) {
      throw nothingScored(judgeName, judged.size);
    }
    await writeStoppingRecord(judgments, {
      judge: judgeName,
      answers: sequences.rateOfAll.n,
      of,
      width,
      reached: sequence.done,
      confidence: confidence ?? 0.95,
      rate: intervalOf(sequences.rate),
      rateOfAll: intervalOf(sequences.rateOfAll),
      coherentShare: intervalOf(sequences.coherentShare),
    });
    onProgress?.(state());
  }
  return state();
}

const portionAfter = (asked: number): number => Math.max(FIRST_PORTION, Math.ceil(asked * GROWTH));

const intervalOf = ({ estimate, low, high, n }: ConfidenceSequence) => ({ estimate, low, high, n });

function nothingScored(judge: string, count: number): JudgeError {
  return new JudgeError(
    `${judge} scored none of the first ${count} answers, so there is no rate whose interval could narrow. ` +
      "Does the judge suit the questions, and do its prompts have `aligned` and `coherent`?",
  );
}
