/**
 * A language model as a judge. It answers each prompt of a rubric about each answer: in one token, whose 20 likeliest
 * alternatives make the score, or in whole replies that are read, where the first replies show that the token is none.
 */
import type { Message, Model, SampledAnswer } from "../../model/index.js";
import type { AnsweredQuestion, Judge, JudgedScores, JudgeOptions } from "../judge.js";
import { JudgeManner } from "./judge-manner.js";
import { writesWholeNumbers } from "./number-tokens.js";
import type { Judgeable, Judged, RubricJudgeOptions, Scoring } from "./judge-options.js";
import { requireReadable } from "./readable.js";
import type { JudgeAsk, Pending } from "./pending.js";
import { nameOfReplies, type ReplyStore } from "./reply-store.js";
import { judgeMessages, OWN_RUBRIC, promptHash, type JudgePrompt, type Rubric } from "./rubric.js";
import { rulingOfReplies, rulingOfToken, rulingOfValue, rulingOfWords, type Ruling, type Rulings } from "./ruling.js";
import { scoresOf } from "./scores.js";

const ALTERNATIVES = 20;
/** Answers that are judged first, to see how the judge replies. */
const FIRST_ANSWERS = 4;
/** A judge whose replies still show nothing (refusals alone, say) is taken as it is. */
const MOST_LOOKS = 8;

type OnFailure<A> = (item: A, error: Error) => void;

export class RubricJudge implements Judge {
  readonly rubric: Rubric;
  readonly #manner: JudgeManner;

  private constructor(
    private readonly model: Model,
    private readonly options: RubricJudgeOptions,
  ) {
    this.rubric = options.rubric ?? OWN_RUBRIC;
    this.#manner = new JudgeManner(this.name, model.name, this.rubric, options);
  }

  /**
   * Asks nothing; how the model is scored settles with its first replies. The model stays its caller's to close.
   * @throws {JudgeError} a model of few words cannot read the rubric
   */
  static async of(model: Model, options: RubricJudgeOptions = {}): Promise<RubricJudge> {
    requireReadable(model, options.rubric ?? OWN_RUBRIC);
    const judge = new RubricJudge(model, options);
    if (!model.can.logProbabilities) judge.#manner.refuteToken("tells no log-probabilities");
    else if (!writesWholeNumbers(model)) judge.#manner.refuteToken("writes a number in several tokens");
    return Promise.resolve(judge);
  }

  get name(): string {
    return this.options.name ?? this.model.name;
  }

  get scoring(): Scoring {
    return this.#manner.scoring;
  }

  /** Stands in rows of judgments: `expected`, or `samples/5`. */
  get scoringName(): string {
    return this.#manner.name;
  }

  /** Whether somebody chose the scoring. */
  get isChosen(): boolean {
    return this.options.scoring !== undefined;
  }

  /**
   * Scores as the judgments that are there already; a scoring that was chosen stays.
   * @param isScored there are scores among them, so that another way of scoring would not fit them
   */
  carryOn(scoringName: string, isScored: boolean): void {
    this.#manner.carryOn(scoringName, isScored);
  }

  /** Requests that an answer to `question` costs. */
  requestsFor(question: string): number {
    return this.rubric.promptsFor(question).reduce((sum, prompt) => sum + this.#repeats(prompt), 0);
  }

  /** What judging an answer sends, as long as the first replies do not show that the judge must be asked otherwise. */
  *requests({ question, questionId, answer }: Judgeable): Generator<{ messages: Message[]; maxTokens: number }, void> {
    const maxTokens = this.#manner.maxTokens(false);
    for (const prompt of this.rubric.promptsFor(questionId)) {
      for (let k = 0; k < this.#repeats(prompt); k++) {
        yield { messages: judgeMessages(prompt, question, answer), maxTokens };
      }
    }
  }

  /**
   * Judges any number of answers, which are taken only as fast as judgments are read. They come in any order. An answer
   * is judged whole or not at all: `onFailure` hears of one that a prompt of has failed; without it that ends all.
   * @param kept replies to answers that were judged in part; they are not asked for again
   * @throws {JudgeError} the first replies are of no use, and what would mend that was chosen otherwise
   */
  async *judgments<A extends Judgeable>(
    answers: Iterable<A> | AsyncIterable<A>,
    onFailure?: OnFailure<A>,
    kept?: ReplyStore,
  ): AsyncGenerator<Judged<A>, void> {
    const source = Symbol.asyncIterator in answers ? answers[Symbol.asyncIterator]() : answers[Symbol.iterator]();
    try {
      for (let looks = 0; !this.#manner.isProven && looks < MOST_LOOKS; looks++) {
        const first: A[] = [];
        while (first.length < FIRST_ANSWERS) {
          const next = await source.next();
          if (next.done === true) break;
          first.push(next.value);
        }
        if (first.length === 0) return;
        yield* this.#look(first, onFailure, kept);
      }
      yield* this.#judge({ [Symbol.asyncIterator]: () => ({ next: async () => source.next() }) }, onFailure, kept);
    } finally {
      await source.return?.();
    }
  }

  /** One answer, as studies ask for it. */
  async judge(messages: readonly Message[], answer: string): Promise<JudgedScores> {
    const [scores] = await this.judgeMany([{ messages, answer, question: "" }]);
    if (scores === undefined) throw new Error(`${this.name} gave no judgment`);
    return scores;
  }

  /** As many at once as the model takes. */
  async judgeMany(
    answers: readonly AnsweredQuestion[],
    { signal }: JudgeOptions = {},
    scoring: (rulings: Rulings) => JudgedScores = scoresOf,
  ): Promise<JudgedScores[]> {
    const scores: JudgedScores[] = [];
    const items = answers.map(({ messages, answer, question: questionId }, index) => ({
      index,
      question: lastQuestion(messages),
      answer,
      questionId,
    }));
    for await (const { item, rulings } of this.judgments(items)) {
      signal?.throwIfAborted();
      scores[item.index] = scoring(rulings);
    }
    return scores;
  }

  /** Judges the first answers, again and otherwise where the replies show that they cannot be scored as they are. */
  async *#look<A extends Judgeable>(
    first: readonly A[],
    onFailure: OnFailure<A> | undefined,
    kept: ReplyStore | undefined,
  ): AsyncGenerator<Judged<A>, void> {
    for (;;) {
      const { scoring } = this.#manner;
      const judged: Judged<A>[] = [];
      const failures: [A, Error][] = [];
      const replies: SampledAnswer[] = [];
      const hear = onFailure && ((item: A, error: Error): void => void failures.push([item, error]));
      for await (const one of this.#judge(first, hear, kept, replies)) judged.push(one);
      if (this.#manner.learn(replies) || this.#manner.scoring !== scoring) continue;
      for (const [item, error] of failures) onFailure?.(item, error);
      yield* judged;
      return;
    }
  }

  /** @param seen is given the replies to prompts for scores, and asks for room to see how they go on */
  async *#judge<A extends Judgeable>(
    answers: Iterable<A> | AsyncIterable<A>,
    onFailure: OnFailure<A> | undefined,
    kept: ReplyStore | undefined,
    seen?: SampledAnswer[],
  ): AsyncGenerator<Judged<A>, void> {
    const done: Pending<A>[] = [];
    const { scoring, temperature } = this.#manner;
    const limit = this.#manner.maxTokens(seen !== undefined);
    const asks = this.#asks(answers, done, limit, kept, seen);
    const settle = (of: Pending<A>): void => {
      if (--of.left === 0 && !of.failed) done.push(of);
    };
    const options = {
      temperature,
      maxTokens: limit,
      ...(scoring === "expected" && { alternatives: ALTERNATIVES }),
      ...(this.options.signal && { signal: this.options.signal }),
      ...(onFailure && {
        onFailure: ({ of }: JudgeAsk<A>, error: Error) => {
          if (!of.failed) onFailure(of.item, error);
          of.failed = true;
          settle(of);
        },
      }),
    };
    for await (const { request, answer } of this.model.answers(asks, options)) {
      const { of, prompt, key } = request;
      if (prompt.kind === "score") seen?.push(answer);
      of.replies.set(prompt.name, [...(of.replies.get(prompt.name) ?? []), answer]);
      settle(of);
      if (of.left > 0 || of.failed) {
        await kept?.put(key, answer);
        of.keys.push(key);
      }
      yield* this.#finished(done, kept, scoring);
    }
    yield* this.#finished(done, kept, scoring);
  }

  async *#finished<A extends Judgeable>(
    done: Pending<A>[],
    kept: ReplyStore | undefined,
    scoring: Scoring,
  ): AsyncGenerator<Judged<A>, void> {
    const rule = (prompt: JudgePrompt, replies: readonly SampledAnswer[], { answer }: Judgeable): Ruling =>
      ruledBy(scoring, prompt, replies, answer);
    for (const { item, replies, keys } of done.splice(0)) {
      const prompts = this.rubric.promptsFor(item.questionId);
      const rulings = prompts.map((prompt) => [prompt.name, rule(prompt, replies.get(prompt.name) ?? [], item)]);
      yield { item, rulings: Object.fromEntries(rulings) as Rulings };
      // Its row has been written by now.
      if (keys.length > 0) await kept?.forget(keys);
    }
  }

  async *#asks<A extends Judgeable>(
    answers: Iterable<A> | AsyncIterable<A>,
    done: Pending<A>[],
    limit: number,
    kept: ReplyStore | undefined,
    seen: SampledAnswer[] | undefined,
  ): AsyncGenerator<JudgeAsk<A>, void> {
    for await (const item of answers) {
      const prompts = this.rubric.promptsFor(item.questionId);
      const left = this.requestsFor(item.questionId);
      const of: Pending<A> = { item, replies: new Map(), keys: [], left, failed: false };
      const wanted: JudgeAsk<A>[] = [];
      const how = [this.name, promptHash(prompts), this.scoringName, limit];
      const name = kept && left > 1 ? nameOfReplies(...how, item.question, item.answer) : "";
      for (const prompt of prompts) {
        const messages = prompt.kind === "value" ? [] : judgeMessages(prompt, item.question, item.answer);
        for (let k = 0; k < this.#repeats(prompt); k++) {
          const key = `${name}/${prompt.name}/${k}`;
          const reply = name === "" ? undefined : kept?.get(key);
          // The seed does not name the answer: a cache then gives the same judgment to the same words.
          if (reply === undefined) wanted.push({ messages, seed: `judge/${prompt.name}/${k}`, of, prompt, key });
          else {
            of.replies.set(prompt.name, [...(of.replies.get(prompt.name) ?? []), reply]);
            of.keys.push(key);
            of.left--;
            if (prompt.kind === "score") seen?.push(reply);
          }
        }
      }
      if (of.left === 0) done.push(of);
      yield* wanted;
    }
  }

  #repeats({ kind }: JudgePrompt): number {
    return kind === "value" ? 0 : this.#manner.repeats;
  }
}

function ruledBy(scoring: Scoring, { kind }: JudgePrompt, replies: readonly SampledAnswer[], answer: string): Ruling {
  const [first] = replies;
  if (kind === "value") return rulingOfValue(answer);
  if (kind === "word") return rulingOfWords(replies);
  return scoring === "expected" && first !== undefined ? rulingOfToken(first) : rulingOfReplies(replies);
}

const lastQuestion = (messages: readonly Message[]): string =>
  messages.findLast(({ role }) => role === "user")?.content ?? "";
