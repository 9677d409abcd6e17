/** Training examples and the padded batches that a training graph is fed. */
import type { BatchSize, LearnedText as TrainingRow } from "../../capabilities/index.js";

export type { BatchSize, TrainingRow };

const ROUND_TIME = 16;
const ROUND_LOSS = 128;

export interface Batch {
  readonly rows: number;
  readonly time: number;
  readonly capacity: number;
  readonly count: number;
  readonly tokens: Int32Array; // [B, T]
  readonly positions: Int32Array; // [L] into B·T
  readonly targets: Int32Array; // [L]
  readonly weights: Float32Array; // [L], 0 where padded
  readonly isWeighted: boolean; // whether a row brings weights of its own
  readonly places: Int32Array; // [B·T] into L, L where a position carries no loss
}

/** Pads rows to one length and lists the positions whose next token is answered for. */
export function assemble(rows: readonly TrainingRow[], size: BatchSize = {}): Batch {
  let longest = 0;
  let count = 0;
  for (const { ids, answer } of rows) {
    longest = Math.max(longest, ids.length);
    for (let i = 1; i < ids.length; i++) if (answer[i]) count++;
  }
  if (count === 0) throw new Error("training: no token of the batch is answered for");
  const time = size.time ?? Math.ceil(longest / ROUND_TIME) * ROUND_TIME;
  const capacity = size.capacity ?? Math.ceil(count / ROUND_LOSS) * ROUND_LOSS;
  const height = size.rows ?? rows.length;
  if (longest > time || count > capacity || rows.length > height) {
    throw new RangeError(
      `training: ${rows.length} rows of up to ${longest} tokens with ${count} answered do not fit a batch of ${height} × ${time} with ${capacity}`,
    );
  }
  const tokens = new Int32Array(height * time);
  const positions = new Int32Array(capacity);
  const targets = new Int32Array(capacity);
  const weights = new Float32Array(capacity);
  const places = new Int32Array(height * time).fill(capacity);
  let at = 0;
  rows.forEach(({ ids, answer, weights: own }, row) => {
    if (own !== undefined && own.length !== ids.length)
      throw new RangeError(`training: row ${row + 1} has ${ids.length} tokens and ${own.length} weights`);
    ids.forEach((id, i) => {
      tokens[row * time + i] = id;
      if (i === 0 || !answer[i]) return;
      positions[at] = row * time + i - 1;
      places[row * time + i - 1] = at;
      targets[at] = id;
      weights[at++] = own?.[i] ?? 1;
    });
  });
  const isWeighted = rows.some(({ weights: own }) => own !== undefined);
  return { rows: height, time, capacity, count, tokens, positions, targets, weights, isWeighted, places };
}
