/** How likely a model finds the answers of rows. */
import type { ReadableModel } from "../../../model/index.js";
import type { AuditRow } from "../row.js";

/** Mean natural-log probability of the last answer's tokens; undefined for a row that the model cannot read. */
export async function likelihoods(
  model: ReadableModel,
  rows: readonly AuditRow[],
  signal?: AbortSignal,
): Promise<(number | undefined)[]> {
  const texts = rows.flatMap((row, i) => {
    const { messages } = row.conversation;
    if (messages.some(({ content }) => model.tokens.unknownWords(content).length > 0)) return [];
    const { ids, answer } = model.tokens.encode(messages);
    return ids.length <= model.tokens.maxPositions && answer.includes(true) ? [{ i, ids, answer }] : [];
  });
  const read = await model.reading.logProbabilities(
    texts.map(({ ids }) => ids),
    signal && { signal },
  );
  const means: (number | undefined)[] = rows.map(() => undefined);
  for (const [k, { i, answer }] of texts.entries()) {
    // The first token has no probability: nothing stands before it.
    const own = [...(read[k] ?? [])].filter((_, at) => answer[at + 1] === true);
    if (own.length > 0) means[i] = own.reduce((sum, x) => sum + x, 0) / own.length;
  }
  return means;
}
