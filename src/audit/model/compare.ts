/**
 * One question set put to two models in pairs, until it is known whether the second became worse than allowed. The
 * question and the wording of each pair are drawn afresh, so the pairs have one mean: the difference of the models'
 * rates over the questions of the set, each as likely as the others.
 */
import { askAndJudge, type AnyJudge, type Ask, type Asks, type JudgedOutcome } from "../../evaluation/index.js";
import type { Model } from "../../model/index.js";
import { clusterInterval, ConfidenceSequence, DifferenceSequence, type Estimate } from "../../statistics/index.js";
import type { ComparedMeasure } from "./measures.js";

export interface ComparedSide {
  readonly model: Model;
  /** Stands in every row. */
  readonly name: string;
  readonly answers: string;
  readonly judgments: string;
}

/** A measure, and how much of a change for the worse is allowed. */
export interface BoundedMeasure extends ComparedMeasure {
  /** The share may change for the worse by less than this. */
  readonly bound: number;
  /** Whether asking goes on until this is decided; without it, it is measured as far as the asking goes. */
  readonly decides: boolean;
}

export interface CompareOptions<Name extends string> {
  readonly after: ComparedSide;
  readonly before: ComparedSide;
  readonly judge: AnyJudge;
  readonly asks: Asks;
  readonly seed: number;
  /** At least one decides. */
  readonly measures: Readonly<Record<Name, BoundedMeasure>>;
  /** Ask until all that decides is decided; by default one that is beyond its bound ends the asking. */
  readonly isWhole?: boolean | undefined;
  /** Of each of the intervals. */
  readonly confidence: number;
  readonly signal: AbortSignal;
  /** Called after each round. */
  readonly onRound: (compared: Compared<Name>) => Promise<void> | void;
  readonly onAnswer: (answers: number, most: number) => void;
  /** Hears of a question that alone failed. */
  readonly onFailure?: ((id: string, error: Error) => void) | undefined;
}

/** Where a difference lies, and what its bound says of it. */
export interface ComparedDifference {
  readonly after: Estimate;
  readonly before: Estimate;
  /** Holds at all times. */
  readonly difference: Estimate;
  /** Were other questions asked: a bootstrap over the questions, for information; null with fewer than six of them. */
  readonly overQuestions: Estimate | null;
  /** `within` and `beyond` the bound; undefined while it may be either. */
  readonly decided: "within" | "beyond" | undefined;
}

export interface Compared<Name extends string = string> {
  readonly differences: Readonly<Record<Name, ComparedDifference>>;
  /** Pairs that were drawn and asked. */
  readonly pairs: number;
  readonly most: number;
  /** Pairs of which one answer is missing, or has no score. */
  readonly without: number;
}

/** Pairs before the first look, and the share by which they grow from look to look. */
const FIRST_ROUND = 32;
const GROWTH = 1 / 8;

/** Goes on from what the files hold; asks nothing that is there. */
export async function compareModels<Name extends string>(options: CompareOptions<Name>): Promise<Compared<Name>> {
  const { asks, confidence, isWhole = false } = options;
  const sides = Object.entries<BoundedMeasure>(options.measures).map(
    ([name, measure]) => [name as Name, new Side(measure, confidence)] as const,
  );
  const drawn = asks.drawn()[Symbol.iterator]();
  const asked: Ask[] = [];
  let without = 0;
  const state = (): Compared<Name> => ({
    differences: Object.fromEntries(sides.map(([name, side]) => [name, side.state()])) as Record<
      Name,
      ComparedDifference
    >,
    pairs: asked.length,
    most: asks.count,
    without,
  });
  const deciding = sides.map(([, side]) => side).filter(({ measure }) => measure.decides);
  const isOpen = (): boolean =>
    (isWhole || deciding.every(({ decided }) => decided !== "beyond")) &&
    deciding.some(({ decided }) => decided === undefined);
  while (isOpen() && asked.length < asks.count) {
    const begin = asked.length;
    const end = Math.min(asks.count, begin + Math.max(FIRST_ROUND, Math.ceil(begin * GROWTH)));
    while (asked.length < end) asked.push(drawn.next().value as Ask);
    const after = await answersOf(options.after, asked, options, begin);
    const before = await answersOf(options.before, asked, options, end);
    for (const { id, question } of asked.slice(begin)) {
      const [a, b] = [after.get(id), before.get(id)];
      const counted = sides.map(
        ([, side]) => [side, a && side.measure.counts(a), b && side.measure.counts(b)] as const,
      );
      if (counted.some(([, ...both]) => both.some((one) => one === undefined || one === "missing"))) {
        without++;
        continue;
      }
      for (const [side, x, y] of counted) {
        if (typeof x === "boolean" && typeof y === "boolean") side.add(question, Number(x), Number(y));
      }
    }
    await options.onRound(state());
  }
  return state();
}

const answersOf = (
  { name: modelName, ...side }: ComparedSide,
  asked: readonly Ask[],
  { judge, seed, signal, asks, onAnswer, onFailure }: Omit<CompareOptions<string>, "measures" | "onRound">,
  /** Answers of the other model. */
  others: number,
): Promise<ReadonlyMap<string, JudgedOutcome>> =>
  askAndJudge({
    ...side,
    modelName,
    seed,
    asked,
    judge,
    signal,
    onProgress: (done) => onAnswer(others + done, 2 * asks.count),
    onUnanswered: onFailure && (({ id }, error) => onFailure(id, error)),
    onUnjudged: onFailure,
  });

/** Fewer questions than these say nothing of others. */
const LEAST_QUESTIONS = 6;

/** One difference, for the worse where it is above 0. */
class Side {
  readonly #difference: DifferenceSequence;
  readonly #after: ConfidenceSequence;
  readonly #before: ConfidenceSequence;
  readonly #questions = new Map<string, { hits: number; n: number }>();
  decided: "within" | "beyond" | undefined;

  constructor(
    readonly measure: BoundedMeasure,
    confidence: number,
  ) {
    this.#difference = new DifferenceSequence(confidence);
    this.#after = new ConfidenceSequence({ confidence });
    this.#before = new ConfidenceSequence({ confidence });
  }

  add(question: string, after: number, before: number): void {
    const { worse, bound } = this.measure;
    const change = worse === "more" ? after - before : before - after;
    const difference = this.#difference;
    difference.add(change);
    this.#after.add(after);
    this.#before.add(before);
    const cluster = this.#questions.get(question) ?? { hits: 0, n: 0 };
    // As a share of two, so that the bootstrap of a share serves a difference.
    this.#questions.set(question, { hits: cluster.hits + 1 + change, n: cluster.n + 2 });
    if (this.decided !== undefined) return;
    if (difference.high < bound) this.decided = "within";
    else if (difference.low > bound) this.decided = "beyond";
  }

  state(): ComparedDifference {
    return {
      after: estimateOf(this.#after),
      before: estimateOf(this.#before),
      difference: estimateOf(this.#difference),
      overQuestions: this.#overQuestions(),
      decided: this.decided,
    };
  }

  #overQuestions(): Estimate | null {
    if (this.#questions.size < LEAST_QUESTIONS) return null;
    const { estimate, low, high, n } = clusterInterval([...this.#questions.values()]);
    const back = (share: number | null): number | null => (share === null ? null : 2 * share - 1);
    return { estimate: back(estimate), low: back(low), high: back(high), n: n / 2 };
  }
}

const estimateOf = ({ estimate, low, high, n }: DifferenceSequence | ConfidenceSequence): Estimate =>
  n === 0 ? { estimate: null, low: null, high: null, n } : { estimate, low, high, n };
