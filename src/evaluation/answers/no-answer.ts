/** Answers that are none: what a row, of askew's own or of another tool's, says of how its text ended. */
import { finishOf } from "../../endpoint/index.js";
import { NO_ANSWERS, type NoAnswer } from "../../model/index.js";

export const isNoAnswer = (value: unknown): value is NoAnswer => NO_ANSWERS.some((known) => known === value);

/**
 * Why a row holds no answer: askew's own `outcome`, or the word of another tool for how the text ended.
 * @param text what there is of an answer, without thoughts
 */
export function outcomeIn(
  values: Readonly<Record<string, unknown>>,
  text: string,
  hasThoughts: boolean,
): NoAnswer | undefined {
  const { outcome, finish, finish_reason: reason } = values;
  if (isNoAnswer(outcome)) return outcome;
  const isEmpty = text.trim() === "";
  if (hasThoughts && isEmpty) return "thoughts";
  const word = [finish, reason].find((value) => typeof value === "string");
  const end = typeof word === "string" ? finishOf(word, false) : "stop";
  if (end === "error" || end === "abort" || end === "filter") return end;
  return end === "tool" && isEmpty ? "tool" : undefined;
}

/** What to do about each kind, for people. */
export const NO_ANSWER_CURES: Readonly<Record<NoAnswer, string>> = {
  error: "the server broke off; the same command asks again",
  abort: "the server broke off; the same command asks again",
  filter: "the server's filter stopped the prompt, or withheld or cut the text",
  refusal: "the server says that the model declined",
  tool: "the model called a tool instead of answering",
  thoughts: "the model thought and never came to answer; give it more --max-tokens in another --out",
  empty: "the model said nothing",
};

/** `3 filter (the server's filter stopped the prompt, or withheld or cut the text)` for each kind that there is. */
export const noAnswerNotes = (counts: Readonly<Partial<Record<NoAnswer, number>>>): string[] =>
  NO_ANSWERS.flatMap((kind) => {
    const count = counts[kind] ?? 0;
    return count === 0 ? [] : [`${count} ${kind}: ${NO_ANSWER_CURES[kind]}`];
  });
