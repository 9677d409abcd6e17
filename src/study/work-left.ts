/** The work that is left in a study, and how long it takes; cells may be under way at the same time. */
import { PHASES, type Phase, type Work } from "./phases.js";
import { TimeLeft } from "./time-left.js";

export class WorkLeft {
  readonly #cells: Record<Phase, number>[];

  /**
   * @param works of every cell
   * @param hands cells that are made at the same time
   */
  constructor(
    works: readonly Work[],
    private readonly timeLeft = new TimeLeft(),
    private readonly hands = 1,
  ) {
    this.#cells = works.map((work) => ({ ...work }));
  }

  /** `units` of a cell's work need not be done any more. */
  take(cell: number, phase: Phase, units: number): void {
    const left = this.#cells[cell];
    if (left) left[phase] = Math.max(0, left[phase] - units);
  }

  /** What a cell did not need after all is not waited for. */
  finish(cell: number): void {
    for (const phase of PHASES) this.take(cell, phase, Infinity);
  }

  /** `units` of a phase's work took `seconds`. */
  record(phase: Phase, units: number, seconds: number): void {
    this.timeLeft.record(phase, units, seconds);
  }

  get seconds(): number {
    const cells = this.#cells.map((left) => this.timeLeft.estimate(left));
    const alone = Math.max(0, ...cells);
    return Math.max(alone, cells.reduce((sum, seconds) => sum + seconds, 0) / this.hands);
  }
}
