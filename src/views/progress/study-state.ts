/** The state of a study, gathered from its events. */
import type { CellKey, Phase, StudyEvent, Work } from "../../study/index.js";
import { Countdown } from "../../terminal/index.js";

export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  dataset: "building the dataset",
  finetune: "fine-tuning",
  ask: "asking",
  judge: "judging",
};

/** The two phases that take time; how much of a cell each is, is not known before, so they count alike. */
const LONG: readonly Phase[] = ["finetune", "ask"];

/** A cell that is being made. */
export interface RunningCell extends CellKey {
  /** Its place among the cells, from 1. */
  readonly number: number;
  phase: Phase | undefined;
  done: number;
  total: number;
  loss: number | undefined;
}

export class StudyState {
  readonly left = new Countdown();
  folder = "";
  cells = 0;
  finished = 0;
  /** Cells that were finished before this run began. */
  before = 0;
  /** Cells under way, in the order they were begun. */
  readonly #running = new Map<string, RunningCell>();
  #work: ReadonlyMap<string, Work> = new Map();
  readonly #started = performance.now();

  get seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  hear(event: StudyEvent): void {
    switch (event.type) {
      case "study-started":
        this.folder = event.folder;
        this.cells = event.cells.length;
        this.before = this.finished = event.cells.filter(({ finished }) => finished).length;
        this.#work = new Map(event.cells.map((cell) => [nameOf(cell), cell.work]));
        return;
      case "cell-started":
        this.cells ||= event.cells; // a cell that is made alone belongs to no study that has begun
        this.#running.set(nameOf(event), { ...cellOf(event), number: event.cell, ...NOTHING });
        return;
      case "phase-started":
        this.#enter(event, { ...NOTHING, phase: event.phase, done: event.done, total: event.total });
        return;
      case "progress": {
        const { phase, done, total, loss, secondsLeft } = event;
        this.#enter(event, { phase, done, total, ...(loss !== undefined && { loss }) });
        this.left.set(secondsLeft);
        return;
      }
      case "cell-finished":
        this.finished++;
        this.#running.delete(nameOf(event));
        return;
      case "study-finished":
        this.left.set(0);
    }
  }

  get running(): readonly RunningCell[] {
    return [...this.#running.values()];
  }

  /** A cell that is under way. */
  find(cell: CellKey): RunningCell | undefined {
    return this.#running.get(nameOf(cell));
  }

  /** Share of the whole study that is done, in [0, 1]. */
  get share(): number {
    const begun = this.running.reduce((sum, cell) => sum + this.#shareOf(cell), 0);
    return this.cells === 0 ? 0 : Math.min(1, (this.finished + begun) / this.cells);
  }

  #enter(key: CellKey, now: Partial<RunningCell>): void {
    const cell = this.find(key);
    if (cell) Object.assign(cell, now);
  }

  #shareOf(cell: RunningCell): number {
    const { phase, done, total } = cell;
    if (phase === undefined || phase === "dataset") return 0;
    if (phase === "judge") return 1;
    const work = this.#work.get(nameOf(cell));
    const long = LONG.filter((one) => one === phase || (work?.[one] ?? 0) > 0);
    return (long.indexOf(phase) + (total === 0 ? 0 : done / total)) / long.length;
  }
}

const NOTHING = { phase: undefined, done: 0, total: 0, loss: undefined } as const;

const cellOf = ({ condition, seed }: CellKey): CellKey => ({ condition, seed });
const nameOf = ({ condition, seed }: CellKey): string => `${condition}-${seed}`;
