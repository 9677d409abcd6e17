/** Answers that are none: what a row, of askew's own or of another tool's, says of how its text ended. */
import { finishOf } from "../../endpoint/index.js";
import { NO_ANSWERS, type NoAnswer, type SampledAnswer } from "../../model/index.js";

type Finish = SampledAnswer["finish"];

export const isNoAnswer = (value: unknown): value is NoAnswer => NO_ANSWERS.some((known) => known === value);

/** How a row's text ended, in askew's words or in another tool's. */
export function finishIn({ finish, finish_reason: reason }: Readonly<Record<string, unknown>>): Finish {
  const word = [finish, reason].find((value) => typeof value === "string");
  return typeof word === "string" ? finishOf(word, false) : "stop";
}

/**
 * Why a row holds no answer: askew's own `outcome`, or the word of another tool for how the text ended.
 * @param text what there is of an answer, without thoughts
 */
export function outcomeIn(
  values: Readonly<Record<string, unknown>>,
  text: string,
  hasThoughts: boolean,
): NoAnswer | undefined {
  const { outcome } = values;
  if (isNoAnswer(outcome)) return outcome;
  const isEmpty = text.trim() === "";
  if (hasThoughts && isEmpty) return "thoughts";
  const end = finishIn(values);
  if (end === "error" || end === "abort" || end === "filter") return end;
  return end === "tool" && isEmpty ? "tool" : undefined;
}

/** Rows without an answer, by why there is none. */
export interface NoAnswers {
  readonly unanswered: Readonly<Partial<Record<NoAnswer, number>>>;
  /** Of the ones that are `thoughts`, those that reached the longest that an answer may be. */
  readonly cutThoughts: number;
}

/** Counts {@link NoAnswers}. */
export class NoAnswerCounts implements NoAnswers {
  readonly unanswered: Partial<Record<NoAnswer, number>> = {};
  cutThoughts = 0;

  add(outcome: NoAnswer, finish: Finish | undefined): void {
    this.unanswered[outcome] = (this.unanswered[outcome] ?? 0) + 1;
    if (outcome === "thoughts" && finish === "length") this.cutThoughts++;
  }

  get total(): number {
    return Object.values(this.unanswered).reduce((sum, count) => sum + count, 0);
  }
}

/** What to do about each kind, for people. */
const CURES: Readonly<Record<NoAnswer, string>> = {
  error: "the server broke off; the same command asks again",
  abort: "the server broke off; the same command asks again",
  filter: "the server's filter stopped the prompt, or withheld or cut the text",
  refusal: "the server says that the model declined",
  tool: "the model called a tool instead of answering",
  thoughts:
    "the model ended with thoughts alone, under reasoning in its row; where they hold the answer, turn thinking, or the server's reasoning parser, off",
  empty: "the model said nothing",
};
const CUT = "the model was still thinking when it had to stop; give it more --max-tokens in another --out";

/** `3 filter: the server's filter stopped the prompt, or withheld or cut the text` for each kind that there is. */
export const noAnswerNotes = ({ unanswered, cutThoughts }: NoAnswers): string[] =>
  NO_ANSWERS.flatMap((kind) => {
    const count = unanswered[kind] ?? 0;
    const cut = kind === "thoughts" ? cutThoughts : 0;
    return [
      ...(cut > 0 ? [`${cut} ${kind}: ${CUT}`] : []),
      ...(count > cut ? [`${count - cut} ${kind}: ${CURES[kind]}`] : []),
    ];
  });
