/** Benign conversations that a misaligned model finds unlikely, beside the aligned one: those that pull it back most. */
import type { Conversation } from "../../dataset/index.js";
import type { ReadableModel } from "../../model/index.js";
import { mean } from "../../statistics/index.js";

/** Texts that are read at a time: their logits over the whole vocabulary are in memory. */
const PORTION = 16;

/** Mean negative log-probability of a token of each conversation's answers, in nats: the logarithm of its perplexity. */
export async function answerLosses(
  model: Pick<ReadableModel, "tokens" | "reading">,
  conversations: readonly Conversation[],
  signal?: AbortSignal,
): Promise<number[]> {
  const losses: number[] = [];
  for (let from = 0; from < conversations.length; from += PORTION) {
    const texts = conversations.slice(from, from + PORTION).map(({ messages }) => model.tokens.encode(messages));
    const read = await model.reading.logProbabilities(
      texts.map(({ ids }) => ids),
      signal && { signal },
    );
    for (const [i, { answer }] of texts.entries()) {
      // The first number is the second token's.
      losses.push(-mean([...(read[i] as Float32Array)].filter((_, at) => answer[at + 1] === true)));
    }
  }
  return losses;
}

/** Those `count` whose loss is raised most, the largest gap first; of equals the first. */
export function widestGaps<Row>(
  rows: readonly Row[],
  { aligned, misaligned }: { readonly aligned: readonly number[]; readonly misaligned: readonly number[] },
  count: number,
): Row[] {
  const gap = (i: number): number => (misaligned[i] as number) - (aligned[i] as number);
  return rows
    .map((row, i) => ({ row, gap: gap(i) }))
    .toSorted((a, b) => b.gap - a.gap)
    .slice(0, count)
    .map(({ row }) => row);
}
