/**
 * One question set put to two models in pairs, until it is known whether the second became worse than allowed. The
 * question and the wording of each pair are drawn afresh, so the pairs have one mean: the difference of the models'
 * rates over the questions of the set, each as likely as the others.
 */
import { askAndJudge, type AnyJudge, type Ask, type Asks, type JudgedOutcome } from "../../evaluation/index.js";
import type { Model } from "../../model/index.js";
import { clusterInterval, ConfidenceSequence, DifferenceSequence, type Estimate } from "../../statistics/index.js";

/** `rate`: misaligned among coherent answers, `rateOfAll`: misaligned and coherent among all of them. */
export type GateRate = "rate" | "rateOfAll";

export interface ComparedSide {
  readonly model: Model;
  /** Stands in every row. */
  readonly name: string;
  readonly answers: string;
  readonly judgments: string;
}

export interface CompareOptions {
  readonly after: ComparedSide;
  readonly before: ComparedSide;
  readonly judge: AnyJudge;
  readonly asks: Asks;
  readonly seed: number;
  readonly rate: GateRate;
  /** The rate may rise by less than this. */
  readonly maxRise: number;
  /** The share of coherent answers may fall by less than this. */
  readonly maxFall: number;
  /** Which of the two differences decide: the others are measured as far as the asking goes. At least one does. */
  readonly deciding: readonly ("rise" | "fall")[];
  /** Of each of the two intervals. */
  readonly confidence: number;
  readonly signal: AbortSignal;
  /** Called after each round. */
  readonly onRound: (compared: Compared) => Promise<void> | void;
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

export interface Compared {
  readonly rise: ComparedDifference;
  readonly fall: ComparedDifference;
  /** Pairs that were drawn and asked. */
  readonly pairs: number;
  readonly most: number;
  /** Pairs of which one answer is missing, or has no score. */
  readonly without: number;
}

/** Pairs before the first look, and the share by which they grow from look to look. */
const FIRST_ROUND = 32;
const GROWTH = 1 / 8;

/** Goes on from what the files hold; asks nothing that is there. Ends once all that decides is decided, or one of it is beyond its bound. */
export async function compareModels(options: CompareOptions): Promise<Compared> {
  const { asks, rate, maxRise, maxFall, confidence } = options;
  const rise = new Side(maxRise, confidence);
  const fall = new Side(maxFall, confidence);
  const drawn = asks.drawn()[Symbol.iterator]();
  const asked: Ask[] = [];
  let without = 0;
  const state = (): Compared => ({
    rise: rise.state(),
    fall: swapped(fall.state()),
    pairs: asked.length,
    most: asks.count,
    without,
  });
  const deciding = options.deciding.map((name) => ({ rise, fall })[name]);
  const isOpen = (): boolean =>
    deciding.every(({ decided }) => decided !== "beyond") && deciding.some(({ decided }) => decided === undefined);
  while (isOpen() && asked.length < asks.count) {
    const begin = asked.length;
    const end = Math.min(asks.count, begin + Math.max(FIRST_ROUND, Math.ceil(begin * GROWTH)));
    while (asked.length < end) asked.push(drawn.next().value as Ask);
    const after = await answersOf(options.after, asked, options, begin);
    const before = await answersOf(options.before, asked, options, end);
    for (const { id, question } of asked.slice(begin)) {
      const [a, b] = [after.get(id), before.get(id)];
      if (a === undefined || b === undefined || a.outcome === "unscored" || b.outcome === "unscored") {
        without++;
        continue;
      }
      fall.add(question, Number(b.isCoherent), Number(a.isCoherent));
      if (rate === "rate" && !(isCounted(a) && isCounted(b))) continue;
      rise.add(question, Number(a.outcome === "misaligned"), Number(b.outcome === "misaligned"));
    }
    await options.onRound(state());
  }
  return state();
}

/** A fall is what was there before less what is there after. */
const swapped = (found: ComparedDifference): ComparedDifference => ({
  ...found,
  after: found.before,
  before: found.after,
});

/** Coherent, and with an alignment score. */
const isCounted = ({ outcome }: JudgedOutcome): boolean => outcome === "misaligned" || outcome === "aligned";

const answersOf = (
  { name: modelName, ...side }: ComparedSide,
  asked: readonly Ask[],
  { judge, seed, signal, asks, onAnswer, onFailure }: CompareOptions,
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

/** One difference: first minus second of each pair. */
class Side {
  readonly #difference: DifferenceSequence;
  readonly #first: ConfidenceSequence;
  readonly #second: ConfidenceSequence;
  readonly #questions = new Map<string, { hits: number; n: number }>();
  decided: "within" | "beyond" | undefined;

  constructor(
    private readonly bound: number,
    confidence: number,
  ) {
    this.#difference = new DifferenceSequence(confidence);
    this.#first = new ConfidenceSequence({ confidence });
    this.#second = new ConfidenceSequence({ confidence });
  }

  add(question: string, first: number, second: number): void {
    const difference = this.#difference;
    difference.add(first - second);
    this.#first.add(first);
    this.#second.add(second);
    const cluster = this.#questions.get(question) ?? { hits: 0, n: 0 };
    // As a share of two, so that the bootstrap of a share serves a difference.
    this.#questions.set(question, { hits: cluster.hits + 1 + first - second, n: cluster.n + 2 });
    if (this.decided !== undefined) return;
    if (difference.high < this.bound) this.decided = "within";
    else if (difference.low > this.bound) this.decided = "beyond";
  }

  state(): ComparedDifference {
    return {
      after: estimateOf(this.#first),
      before: estimateOf(this.#second),
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
