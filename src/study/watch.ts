/** Turns the work on a cell into events, with the time that the whole study still takes. */
import type { CellKey, StudyEvent } from "./events.js";
import type { Phase, PhaseWatcher } from "./phases.js";
import type { WorkLeft } from "./work-left.js";

/** @param cell its place in `left` */
export function watchCell(
  { condition, seed }: CellKey,
  left: WorkLeft,
  cell: number,
  onEvent: (event: StudyEvent) => void = () => undefined,
): PhaseWatcher {
  // What is done when a phase starts was done by an earlier run and is no longer left.
  const counted: Record<Phase, number> = { dataset: 0, finetune: 0, ask: 0, judge: 0 };
  const count = (phase: Phase, done: number): void => {
    left.take(cell, phase, done - counted[phase]);
    counted[phase] = done;
  };
  return {
    started(phase, done, total) {
      count(phase, done);
      onEvent({ type: "phase-started", condition, seed, phase, done, total });
    },
    progress({ phase, done, total, units, seconds, loss }) {
      count(phase, done);
      left.record(phase, units, seconds);
      const secondsLeft = left.seconds;
      onEvent({
        type: "progress",
        condition,
        seed,
        phase,
        done,
        total,
        secondsLeft,
        ...(loss === undefined ? {} : { loss }),
      });
    },
  };
}
