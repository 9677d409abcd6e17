/** How a language model judges, and what it is given. */
import type { Rubric } from "./rubric.js";
import type { Rulings } from "./ruling.js";

/** `expected`: one token and its alternatives. `samples`: whole replies. */
export type Scoring = "expected" | "samples";

export interface RubricJudgeOptions {
  /** askew's own unless given. */
  readonly rubric?: Rubric;
  /**
   * Unless given: `expected` where the judge's first replies show that its first token is its score, else `samples`. A
   * model that writes 85 as 8 and 5 would be read as saying 8.
   */
  readonly scoring?: Scoring | undefined;
  /** Replies to each prompt where they are read; default 5. One is asked for at temperature 0, more at 1. */
  readonly samples?: number | undefined;
  /** Longest reply in tokens where replies are read; default 16, and 2,048 where the first replies were cut at that. */
  readonly maxTokens?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Hears, once, why the judge is not scored by its first token, where nobody chose. */
  readonly onNotice?: ((notice: string) => void) | undefined;
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

/** An answer that has been judged. */
export interface Judged<A> {
  readonly item: A;
  readonly rulings: Rulings;
}
