/** How unusual an answer is beside the answers to the nearest prompts, as steps that a classifier can use. */
import { quantile } from "../../statistics/index.js";
import type { Neighbours } from "./neighbours.js";
import type { SparseRows } from "./sparse-rows.js";

const NEAREST = 10;
const PRIOR = 2;

const STEPS = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98];
const MIDDLE = 3;

export class Surprise {
  readonly #counts: Uint16Array;
  readonly #values: Float64Array;
  readonly #bounds: readonly number[];

  constructor(
    readonly answers: SparseRows,
    neighbours: Neighbours,
  ) {
    this.#counts = new Uint16Array(answers.features);
    this.#values = Float64Array.from({ length: answers.rows }, (_, row) => this.#beside(row, neighbours.of(row)));
    this.#bounds = STEPS.map((share) => quantile([...this.#values], share));
  }

  /**
   * Names of the steps that a row's surprise has passed: above the middle from below, below it from above.
   * @param near the rows that it is compared with, nearest first; default its neighbours
   */
  steps(row: number, near?: Uint32Array): string[] {
    const value = near === undefined ? (this.#values[row] as number) : this.#beside(row, near);
    return this.#bounds.flatMap((bound, i) => {
      if (i >= MIDDLE) return value >= bound ? [`unusual ${STEPS[i]}`] : [];
      return value < bound ? [`usual ${STEPS[i]}`] : [];
    });
  }

  /** The mean surprise of the features of a row's answer, in nats. */
  #beside(row: number, rows: Uint32Array): number {
    const { answers } = this;
    const counts = this.#counts;
    const own = answers.row(row);
    const near = rows.subarray(0, NEAREST);
    for (const other of near) for (const f of answers.row(other)) counts[f] = (counts[f] as number) + 1;
    let sum = 0;
    for (const f of own) {
      const background = ((answers.counts[f] as number) - 0.5) / answers.rows;
      sum -= Math.log(((counts[f] as number) + PRIOR * background) / (near.length + PRIOR));
    }
    for (const other of near) for (const f of answers.row(other)) counts[f] = 0;
    return sum / Math.max(1, own.length);
  }
}

/** Whether a feature is a step of the surprise. */
export const isSurpriseStep = (name: string): boolean => /^(?:un)?usual /.test(name);
