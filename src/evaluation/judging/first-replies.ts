/**
 * Whether the first token of a judge's reply is its score. Judges show it in their first replies, for which they get room
 * for a few tokens more: many tokenizers write a number digit by digit, some models begin with a space or with thoughts,
 * and some servers tell log-probabilities that are none. Taken for a score, any of these is one that nobody gave.
 */
import type { SampledAnswer } from "../../model/index.js";
import { scoreOf, sumsToMoreThanOne, textFault, tokenText } from "../expected-score.js";
import { JudgeError } from "./error.js";
import { readReply } from "./ruling.js";

/**
 * `whole`: a number is one token. `number`: a digit that may or may not be all of one. `words`: no number. `unclear`:
 * nothing that tells. Else what is wrong, in words that follow the judge's name.
 */
type TokenFinding = "whole" | "unclear" | "number" | "words" | { readonly fault: string };

/** Room for the first replies, in tokens. */
export const FIRST_LOOK_TOKENS = 4;

function findingOf(answer: SampledAnswer): TokenFinding {
  const { choices, outcome } = answer;
  if (outcome === "thoughts") return { fault: "thinks before it answers" };
  if (outcome === "empty") return { fault: "begins its replies with white space" };
  if (outcome !== undefined) return "unclear";
  const [choice] = choices ?? [];
  if (choice === undefined) return { fault: "tells no log-probabilities" };
  const top = choice.alternatives.length > 0 ? choice.alternatives : [choice];
  if (sumsToMoreThanOne(top)) return { fault: "tells log-probabilities of more than 1 in all" };
  const token = tokenText(choice.token);
  if (token === "") return { fault: "begins its replies with white space" };
  const fault = textFault(answer.text, token);
  if (fault !== undefined) return { fault };
  const numbers = [choice, ...top].map((other) => tokenText(other.token)).filter((text) => scoreOf(text) !== null);
  // A tokenizer that writes digit by digit has no token of two.
  if (numbers.some((text) => text.length > 1)) return "whole";
  if (/^(?:REF|CODE?$)/i.test(token)) return "unclear";
  return scoreOf(token) === null ? "words" : "number";
}

/** What all first replies come to; undefined where more of them are needed. */
export function verdictOf(replies: readonly SampledAnswer[]): "whole" | { readonly fault: string } | undefined {
  const findings = replies.map(findingOf);
  const faulty = findings.find((finding) => typeof finding === "object");
  if (faulty !== undefined) return faulty;
  if (findings.includes("whole")) return "whole";
  if (findings.includes("number")) return { fault: "may write a number in several tokens" };
  const words = findings.filter((finding) => finding === "words").length;
  return words > 0 && words === findings.length ? { fault: "does not begin its replies with a number" } : undefined;
}

/** Replies that ended at their limit before they said anything that can be read. */
export const cutAmong = (replies: readonly SampledAnswer[]): readonly SampledAnswer[] =>
  replies.filter(({ text, finish, outcome }) => {
    const isCut = outcome === "thoughts" || (outcome === undefined && finish === "length");
    return isCut && readReply(text, true) === null;
  });

/** @param longest tokens that replies may have */
export const cutError = (judge: string, cut: number, replies: number, longest: number, better: number): JudgeError =>
  new JudgeError(
    `${judge}: ${cut} of its first ${replies} replies were cut at ${longest} tokens before they said a score. ` +
      `Give them room with --max-tokens ${better}.`,
  );

/** @param isChosen the user asked for scores by the first token; else the judgments that are there already have them */
export function tokenError(judge: string, why: string, isChosen: boolean): JudgeError {
  const [by, where] = isChosen
    ? ["--scoring expected", ""]
    : ["the judgments that are there already", ", and another file with --out"];
  return new JudgeError(
    `${judge} ${why}, so its first token is no score, as ${by} would have it. ` +
      `Choose --scoring samples, which reads whole replies${where}; or choose another judge.`,
  );
}
