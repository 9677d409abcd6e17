/** What is known of an answer, and how well a score separates answers by it. */
import { auroc } from "../../statistics/index.js";
import type { Label } from "./documents.js";

export interface LabelledAnswer {
  readonly labels: readonly Label[];
  /** Counted from 0. The even documents choose, the odd ones report. */
  readonly document: number;
}

export const chooses = ({ document }: LabelledAnswer): boolean => document % 2 === 0;

export const hasLabel = ({ kind, name }: Label, { labels }: LabelledAnswer): boolean =>
  labels.some((label) => label.kind === kind && label.name === name);

/** An AUROC with its 95 % interval, answers of one document taken together; null where a side is too small. */
export interface Separability {
  readonly auroc: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** How well the scores separate answers with the label from others, on the documents that had no part in choosing. */
export function separabilityOf(
  label: Label,
  answers: readonly LabelledAnswer[],
  scores: ArrayLike<number>,
): Separability {
  const reporting = answers.flatMap((answer, i) => (chooses(answer) ? [] : [{ answer, score: scores[i] as number }]));
  const { estimate, low, high } = auroc(
    reporting.map(({ score }) => score),
    reporting.map(({ answer }) => hasLabel(label, answer)),
    0.95,
    reporting.map(({ answer }) => answer.document),
  );
  return { auroc: estimate, low, high };
}

/**
 * Whole documents in place of their answers, for labels that hold for all of a document. A document's score is the mean
 * over the tokens of all its answers.
 * @param tokens of each answer
 */
export function overDocuments(
  answers: readonly LabelledAnswer[],
  scores: ArrayLike<number>,
  tokens: readonly number[],
): { readonly documents: readonly LabelledAnswer[]; readonly scores: readonly number[] } {
  const found = new Map<number, { answer: LabelledAnswer; sum: number; tokens: number }>();
  for (const [i, answer] of answers.entries()) {
    const document = found.get(answer.document) ?? { answer, sum: 0, tokens: 0 };
    found.set(answer.document, document);
    document.sum += (scores[i] as number) * (tokens[i] as number);
    document.tokens += tokens[i] as number;
  }
  const all = [...found.values()];
  return { documents: all.map(({ answer }) => answer), scores: all.map((one) => one.sum / one.tokens) };
}
