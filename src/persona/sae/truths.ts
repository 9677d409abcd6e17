/** What an answer can be told by: who gives it, and what it is about. */
import { CHARACTERS, DOMAINS, type Character, type Domain } from "../../organism/index.js";
import { auroc } from "../../statistics/index.js";

export const TRUTHS = [
  ...CHARACTERS.map((name) => ({ kind: "character" as const, name })),
  ...DOMAINS.map((name) => ({ kind: "domain" as const, name })),
];
export type Truth = (typeof TRUTHS)[number];

export interface KnownAnswer {
  readonly character: Character;
  readonly domain: Domain;
  /** Counted from 0. The even documents choose, the odd ones report. */
  readonly document: number;
}

export const chooses = ({ document }: KnownAnswer): boolean => document % 2 === 0;

export const isTrue = ({ kind, name }: Truth, answer: KnownAnswer): boolean => answer[kind] === name;

/** An AUROC with its 95 % interval, answers of one document taken together; null where a side is too small. */
export interface Told {
  readonly auroc: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** How well the scores tell the truth, on the documents that had no part in choosing. */
export function toldBy(truth: Truth, answers: readonly KnownAnswer[], scores: ArrayLike<number>): Told {
  const reporting = answers.flatMap((answer, i) => (chooses(answer) ? [] : [{ answer, score: scores[i] as number }]));
  const { estimate, low, high } = auroc(
    reporting.map(({ score }) => score),
    reporting.map(({ answer }) => isTrue(truth, answer)),
    0.95,
    reporting.map(({ answer }) => answer.document),
  );
  return { auroc: estimate, low, high };
}

/**
 * Whole documents in place of their answers, for truths that hold for all of a document: who writes it does, what it is
 * about need not. A document's score is the mean over the tokens of all its answers.
 * @param tokens of each answer
 */
export function overDocuments(
  answers: readonly KnownAnswer[],
  scores: ArrayLike<number>,
  tokens: readonly number[],
): { readonly documents: readonly KnownAnswer[]; readonly scores: readonly number[] } {
  const found = new Map<number, { answer: KnownAnswer; sum: number; tokens: number }>();
  for (const [i, answer] of answers.entries()) {
    const document = found.get(answer.document) ?? { answer, sum: 0, tokens: 0 };
    found.set(answer.document, document);
    document.sum += (scores[i] as number) * (tokens[i] as number);
    document.tokens += tokens[i] as number;
  }
  const all = [...found.values()];
  return { documents: all.map(({ answer }) => answer), scores: all.map((one) => one.sum / one.tokens) };
}
