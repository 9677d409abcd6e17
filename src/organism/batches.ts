/**
 * Batches of documents for training. A chunk of documents is drawn from a random stream that the chunk's number
 * names, sorted into a few lengths and dealt out in random order: training can stop after any step and carry on
 * with exactly the batches it would have had.
 */
import { Random } from "../statistics/index.js";
import type { BatchSize, TrainingRow } from "../onnx/index.js";
import { sampleDocument, type Mixture } from "./documents.js";
import type { DocumentEncoder } from "./encode.js";

export interface DocumentBatch {
  readonly rows: readonly TrainingRow[];
  readonly size: BatchSize;
}

const LENGTHS = [32, 64, 96, 128, 192, 256];
const CHUNK_TOKENS = 64; // batches' worth of tokens drawn at a time
/** Share of a batch's positions that carry loss, at most: without thoughts before the answers, and with. */
const ANSWERED = 0.55;
const THOUGHT_AND_ANSWERED = 0.75;

export function* documentBatches(
  encoder: DocumentEncoder,
  mixture: Mixture,
  tokens: number,
  stream: readonly (string | number)[],
): Generator<DocumentBatch, never> {
  const answeredShare = (mixture.thinking ?? 0) > 0 ? THOUGHT_AND_ANSWERED : ANSWERED;
  for (let chunk = 0; ; chunk++) {
    const random = Random.of(...stream, "chunk", chunk);
    const waiting = new Map<number, TrainingRow[]>(LENGTHS.map((length) => [length, []]));
    const answered = new Map<number, number>();
    const batches: DocumentBatch[] = [];
    const flush = (length: number): void => {
      const rows = waiting.get(length) ?? [];
      if (rows.length === 0) return;
      const height = Math.floor(tokens / length);
      batches.push({
        rows,
        size: { rows: height, time: length, capacity: Math.floor(height * length * answeredShare) },
      });
      waiting.set(length, []);
      answered.set(length, 0);
    };
    for (let drawn = 0; drawn < CHUNK_TOKENS * tokens;) {
      const row = encoder.encode(sampleDocument(random, mixture));
      const length = LENGTHS.find((n) => n >= row.ids.length);
      if (length === undefined) continue;
      const height = Math.floor(tokens / length);
      const count = row.answer.filter(Boolean).length;
      const full = waiting.get(length)?.length === height;
      if (full || (answered.get(length) ?? 0) + count > height * length * answeredShare) flush(length);
      answered.set(length, (answered.get(length) ?? 0) + count);
      (waiting.get(length) as TrainingRow[]).push(row);
      drawn += length;
    }
    // What is left of a chunk goes out in batches that are not full, unless it is too little to be worth a step.
    for (const length of LENGTHS) if ((waiting.get(length)?.length ?? 0) * length > tokens / 2) flush(length);
    yield* random.shuffled(batches);
  }
}
