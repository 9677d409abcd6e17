/** How a judge is asked and scored, and what its first replies change about that. */
import type { SampledAnswer } from "../../model/index.js";
import { cutAmong, cutError, FIRST_LOOK_TOKENS, tokenError, verdictOf } from "./first-replies.js";
import type { RubricJudgeOptions, Scoring } from "./judge-options.js";
import type { Rubric } from "./rubric.js";

const SAMPLES = 5;
const LONGEST_REPLY = 16;
/** For a judge that thinks before it speaks. */
const LONGEST_THOUGHTS = 2_048;
const LONGEST_WORD = 32;

export class JudgeManner {
  #scoring: Scoring;
  #longestReply: number;
  /** The scoring has been chosen, or there are scores by it in the file that is carried on: it cannot change any more. */
  #isFixed: boolean;
  #isProven = false;
  readonly #samples: number;

  /**
   * @param judge what it is called in judgments
   * @param model what the model is called
   */
  constructor(
    private readonly judge: string,
    private readonly model: string,
    private readonly rubric: Rubric,
    private readonly options: RubricJudgeOptions,
  ) {
    this.#scoring = options.scoring ?? "expected";
    this.#isFixed = options.scoring !== undefined;
    this.#longestReply = options.maxTokens ?? LONGEST_REPLY;
    this.#samples = options.samples ?? SAMPLES;
  }

  get scoring(): Scoring {
    return this.#scoring;
  }

  /** Stands in rows of judgments: `expected`, or `samples/5`. */
  get name(): string {
    return this.#scoring === "expected" ? "expected" : `samples/${this.#samples}`;
  }

  /** The judge's replies have been looked at, and they are as its scoring needs them. */
  get isProven(): boolean {
    return this.#isProven;
  }

  /** Requests for each prompt. */
  get repeats(): number {
    return this.#scoring === "expected" ? 1 : this.#samples;
  }

  get temperature(): number {
    return this.repeats === 1 ? 0 : 1;
  }

  /** One token is all a score needs; words are longer, and the first replies show how a number goes on. */
  maxTokens(isLook: boolean): number {
    const words = this.rubric.prompts.some(({ kind }) => kind === "word") ? LONGEST_WORD : 1;
    if (this.#scoring === "expected") return isLook ? Math.max(words, FIRST_LOOK_TOKENS) : words;
    return Math.max(words, this.#longestReply);
  }

  /** See `RubricJudge.carryOn`. */
  carryOn(name: string, isScored: boolean): void {
    if (this.options.scoring !== undefined) return;
    if (name !== "expected") this.#scoring = "samples";
    this.#isFixed = isScored;
  }

  /** @returns whether the first replies to prompts for scores show that the judge must be asked otherwise */
  learn(replies: readonly SampledAnswer[]): boolean {
    if (!this.rubric.prompts.some(({ kind }) => kind === "score")) this.#isProven = true;
    if (replies.length === 0) return false;
    if (this.#scoring === "samples") return this.#learnLength(replies);
    const verdict = verdictOf(replies);
    if (verdict === "whole") this.#isProven = true;
    if (verdict === undefined || verdict === "whole") return false;
    this.refuteToken(verdict.fault);
    return true;
  }

  /**
   * Scores by whole replies from here on.
   * @param why in words that follow the judge's name
   */
  refuteToken(why: string): void {
    if (this.#scoring === "samples") return;
    if (this.#isFixed) throw tokenError(this.judge, why, this.options.scoring !== undefined);
    this.#scoring = "samples";
    const read = this.#samples === 1 ? "one reply that is read" : `the mean of ${this.#samples} replies that are read`;
    this.options.onNotice?.(`${this.model} ${why}: its score is ${read}.`);
  }

  #learnLength(replies: readonly SampledAnswer[]): boolean {
    const cut = cutAmong(replies);
    this.#isProven = cut.length * 2 <= replies.length;
    if (this.#isProven) return false;
    const longest = this.#longestReply;
    if (this.options.maxTokens !== undefined || longest >= LONGEST_THOUGHTS) {
      throw cutError(this.judge, cut.length, replies.length, longest, Math.max(LONGEST_THOUGHTS, 4 * longest));
    }
    this.#longestReply = LONGEST_THOUGHTS;
    this.options.onNotice?.(
      `${this.model} says more before its score than ${longest} tokens hold: its replies may take ${LONGEST_THOUGHTS} (--max-tokens).`,
    );
    return true;
  }
}
