/** How unusual an answer is beside the answers to the nearest prompts, as steps that a classifier can use. */
import { quantile } from "../../statistics/index.js";
import type { Neighbours } from "./neighbours.js";
import type { SparseRows } from "./sparse-rows.js";

const NEAREST = 10;
const PRIOR = 2;

/** For each row, the mean surprise of its answer's features in nats. */
export function surprises(answers: SparseRows, neighbours: Neighbours): Float64Array {
  const result = new Float64Array(answers.rows);
  const counts = new Uint16Array(answers.features);
  for (let i = 0; i < answers.rows; i++) {
    const own = answers.row(i);
    const near = neighbours.of(i).subarray(0, NEAREST);
    for (const other of near) for (const f of answers.row(other)) counts[f] = (counts[f] as number) + 1;
    let sum = 0;
    for (const f of own) {
      const background = ((answers.counts[f] as number) - 0.5) / answers.rows;
      sum -= Math.log(((counts[f] as number) + PRIOR * background) / (near.length + PRIOR));
    }
    result[i] = sum / Math.max(1, own.length);
    for (const other of near) for (const f of answers.row(other)) counts[f] = 0;
  }
  return result;
}

const STEPS = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98];
const MIDDLE = 3;

/** Names of the steps that a row's surprise has passed: above the middle from below, below it from above. */
export function surpriseSteps(values: Float64Array): string[][] {
  const bounds = STEPS.map((share) => quantile([...values], share));
  return Array.from(values, (value) =>
    bounds.flatMap((bound, i) => {
      if (i >= MIDDLE) return value >= bound ? [`unusual ${STEPS[i]}`] : [];
      return value < bound ? [`usual ${STEPS[i]}`] : [];
    }),
  );
}
