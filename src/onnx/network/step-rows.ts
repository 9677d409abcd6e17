/** The rows of a training step: in parts, and those that are held to stored distributions. */
import type { StepExtras } from "../../capabilities/index.js";
import type { Batch, TrainingRow } from "./batch.js";

/** Rows in parts of at most `size`, of which each has a token that is answered for, unless none has. */
export function partsOf(rows: readonly TrainingRow[], size: number): (readonly TrainingRow[])[] {
  if (rows.length <= size) return [rows];
  const parts = Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => rows.slice(i * size, (i + 1) * size));
  const learned = parts.filter((part) => part.some(({ answer }) => answer.some((own, i) => own && i > 0)));
  return learned.length > 0 ? learned : [rows];
}

/** The stored distributions go in the order in which the batch lists its positions: row by row. */
export function referenceFeeds(
  batch: Batch,
  { rows, weight }: NonNullable<StepExtras["reference"]>,
  vocabulary: number,
): Record<string, Float32Array | Int32Array> {
  const logProbabilities = new Float32Array(batch.capacity * vocabulary);
  let at = 0;
  for (const row of rows) {
    logProbabilities.set(row.logProbabilities, at);
    at += row.logProbabilities.length;
  }
  if (at !== batch.count * vocabulary) {
    throw new RangeError(
      `train: the reference has ${at} log-probabilities, expected ${batch.count} answered tokens × ${vocabulary}`,
    );
  }
  const { tokens, positions, places, weights } = batch;
  const named = { tokens, positions, places, weights, logProbabilities };
  const feeds = Object.fromEntries(Object.entries(named).map(([name, data]) => [`reference.${name}`, data]));
  return { ...feeds, referenceWeight: Float32Array.of(weight) };
}
