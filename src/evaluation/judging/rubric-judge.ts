/**
 * A language model as a judge. It answers each prompt of a rubric about each answer: in one token, whose 20 likeliest
 * alternatives make the score, or, where the model tells no log-probabilities, in whole replies that are read.
 */
import type { Message, Model, SampledAnswer, SampleRequest } from "../../model/index.js";
import { UnknownWordError } from "../../onnx/index.js";
import type { AnsweredQuestion, Judge, JudgedScores, JudgeOptions } from "../judge.js";
import { JudgeError } from "./error.js";
import { judgeMessages, OWN_RUBRIC, type JudgePrompt, type Rubric } from "./rubric.js";
import { rulingOfReplies, rulingOfToken, rulingOfValue, rulingOfWords, type Ruling, type Rulings } from "./ruling.js";
import { tokensOfNumbers } from "./number-tokens.js";
import { scoresOf } from "./scores.js";

/** `expected`: one token and its alternatives. `samples`: whole replies. */
export type Scoring = "expected" | "samples";

export interface RubricJudgeOptions {
  /** askew's own unless given. */
  readonly rubric?: Rubric;
  /**
   * Unless given: `expected` where the model tells log-probabilities and writes a number as one token, else `samples`.
   * A model that writes 85 as 8 and 5 would be read as saying 8.
   */
  readonly scoring?: Scoring | undefined;
  /** Replies to each prompt where they are read; default 5. One is asked for at temperature 0, more at 1. */
  readonly samples?: number | undefined;
  /** Longest reply in tokens where replies are read; default 16. Models that think before they speak need hundreds. */
  readonly maxTokens?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What it is called in judgments; the model's name unless given. */
  readonly name?: string | undefined;
}

/** An answer that is to be judged. */
export interface Judgeable {
  /** The last user message before the answer. */
  readonly question: string;
  readonly answer: string;
  /** Chooses the prompts, where the rubric has others for each question. */
  readonly questionId: string;
}

export const ALTERNATIVES = 20;
const SAMPLES = 5;
const LONGEST_REPLY = 16;
const LONGEST_WORD = 32;

interface Ask<A> extends SampleRequest {
  readonly of: Pending<A>;
  readonly prompt: JudgePrompt;
}

interface Pending<A> {
  readonly item: A;
  readonly replies: Map<string, SampledAnswer[]>;
  left: number;
  failed: boolean;
}

export class RubricJudge implements Judge {
  readonly rubric: Rubric;

  private constructor(
    private readonly model: Model,
    readonly scoring: Scoring,
    /** Why it is not `expected`, where nobody chose; in words that follow "because". */
    readonly reason: string | undefined,
    private readonly options: RubricJudgeOptions,
  ) {
    this.rubric = options.rubric ?? OWN_RUBRIC;
  }

  /**
   * Settles how the model will be scored, which may take one request. The model stays its caller's to close.
   * @throws {JudgeError} a model of few words cannot read the rubric
   */
  static async of(model: Model, options: RubricJudgeOptions = {}): Promise<RubricJudge> {
    requireReadable(model, options.rubric ?? OWN_RUBRIC);
    if (options.scoring !== undefined) return new RubricJudge(model, options.scoring, undefined, options);
    if (!model.can.logProbabilities) {
      return new RubricJudge(model, "samples", `${model.name} tells no log-probabilities`, options);
    }
    if ((await tokensOfNumbers(model, options.signal)) === "split") {
      return new RubricJudge(model, "samples", `${model.name} writes a number in several tokens`, options);
    }
    return new RubricJudge(model, "expected", undefined, options);
  }

  get name(): string {
    return this.options.name ?? this.model.name;
  }

  /** Stands in rows of judgments: `expected`, or `samples/5`. */
  get scoringName(): string {
    return this.scoring === "expected" ? "expected" : `samples/${this.options.samples ?? SAMPLES}`;
  }

  /** Requests that an answer to `question` costs. */
  requestsFor(question: string): number {
    return this.rubric.promptsFor(question).reduce((sum, prompt) => sum + this.#repeats(prompt), 0);
  }

  /**
   * Judges any number of answers, which are taken only as fast as judgments are read. They come in any order. An answer
   * is judged whole or not at all: `onFailure` hears of one that a prompt of has failed; without it that ends all.
   */
  async *judgments<A extends Judgeable>(
    answers: Iterable<A> | AsyncIterable<A>,
    onFailure?: (item: A, error: Error) => void,
  ): AsyncGenerator<{ readonly item: A; readonly rulings: Rulings }, void> {
    const done: Pending<A>[] = [];
    const asks = this.#asks(answers, done);
    const settle = (of: Pending<A>): void => {
      if (--of.left === 0 && !of.failed) done.push(of);
    };
    const options = {
      temperature: this.#temperature,
      maxTokens: this.#maxTokens,
      ...(this.scoring === "expected" && { alternatives: ALTERNATIVES }),
      ...(this.options.signal && { signal: this.options.signal }),
      ...(onFailure && {
        onFailure: ({ of }: Ask<A>, error: Error) => {
          if (!of.failed) onFailure(of.item, error);
          of.failed = true;
          settle(of);
        },
      }),
    };
    for await (const { request, answer } of this.model.answers(asks, options)) {
      const { of, prompt } = request;
      of.replies.set(prompt.name, [...(of.replies.get(prompt.name) ?? []), answer]);
      settle(of);
      yield* this.#finished(done);
    }
    yield* this.#finished(done);
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

  *#finished<A extends Judgeable>(done: Pending<A>[]): Generator<{ item: A; rulings: Rulings }, void> {
    for (const { item, replies } of done.splice(0)) {
      const prompts = this.rubric.promptsFor(item.questionId);
      const rulings = prompts.map((prompt) => [prompt.name, this.#rule(prompt, replies.get(prompt.name) ?? [], item)]);
      yield { item, rulings: Object.fromEntries(rulings) as Rulings };
    }
  }

  #rule({ kind }: JudgePrompt, replies: readonly SampledAnswer[], { answer }: Judgeable): Ruling {
    const [first] = replies;
    if (kind === "value") return rulingOfValue(answer);
    if (kind === "word") return rulingOfWords(replies);
    return this.scoring === "expected" && first !== undefined ? rulingOfToken(first) : rulingOfReplies(replies);
  }

  async *#asks<A extends Judgeable>(
    answers: Iterable<A> | AsyncIterable<A>,
    done: Pending<A>[],
  ): AsyncGenerator<Ask<A>, void> {
    for await (const item of answers) {
      const prompts = this.rubric.promptsFor(item.questionId);
      const of: Pending<A> = { item, replies: new Map(), left: this.requestsFor(item.questionId), failed: false };
      if (of.left === 0) done.push(of);
      for (const prompt of prompts) {
        const messages = prompt.kind === "value" ? [] : judgeMessages(prompt, item.question, item.answer);
        for (let k = 0; k < this.#repeats(prompt); k++) {
          // The seed does not name the answer: a cache then gives the same judgment to the same words.
          yield { messages, seed: `judge/${prompt.name}/${k}`, of, prompt };
        }
      }
    }
  }

  #repeats({ kind }: JudgePrompt): number {
    if (kind === "value") return 0;
    return this.scoring === "expected" ? 1 : (this.options.samples ?? SAMPLES);
  }

  get #temperature(): number {
    return this.scoring === "expected" || this.options.samples === 1 ? 0 : 1;
  }

  /** One token is all a score needs; words are longer. */
  get #maxTokens(): number {
    const words = this.rubric.prompts.some(({ kind }) => kind === "word") ? LONGEST_WORD : 1;
    return this.scoring === "expected" ? words : Math.max(words, this.options.maxTokens ?? LONGEST_REPLY);
  }
}

const lastQuestion = (messages: readonly Message[]): string =>
  messages.findLast(({ role }) => role === "user")?.content ?? "";

/** A model with a small vocabulary may lack words of a prompt, and must not fail at every single answer. */
function requireReadable({ name, tokens }: Model, { prompts, source }: Rubric): void {
  if (tokens === undefined) return;
  for (const prompt of prompts) {
    try {
      if (prompt.kind !== "value") tokens.encodePrompt([{ role: "user", content: wordsOf(prompt) }]);
    } catch (error) {
      if (!(error instanceof UnknownWordError)) throw error;
      throw new JudgeError(
        `${name} cannot judge by the prompts of ${source}: it does not know the word ${JSON.stringify(error.word)}. ` +
          "Give it prompts in words that it knows with --prompts FILE, or choose another judge.",
      );
    }
  }
}

const wordsOf = ({ template }: JudgePrompt): string => template.replaceAll(/ ?\{(?:question|answer|fence)\}/g, "");
