/** Turns the work on a cell into events, with the time that the whole study still takes. */
import type { CellKey, StudyEvent } from "./events.js";
import type { Phase, PhaseWatcher, Work } from "./phases.js";
import type { TimeLeft } from "./time-left.js";

/** `left`: work that is left in the study, this cell's included, when it starts. */
export function watchCell(
  { condition, seed }: CellKey,
  timeLeft: TimeLeft,
  left: Work,
  onEvent: (event: StudyEvent) => void = () => undefined,
): PhaseWatcher {
  const remaining: Record<Phase, number> = { ...left };
  // What is done when a phase starts was done by an earlier run and is no longer left.
  const counted: Record<Phase, number> = { dataset: 0, finetune: 0, ask: 0, judge: 0 };
  const count = (phase: Phase, done: number): void => {
    remaining[phase] = Math.max(0, remaining[phase] - (done - counted[phase]));
    counted[phase] = done;
  };
  return {
    started(phase, done, total) {
      count(phase, done);
      onEvent({ type: "phase-started", condition, seed, phase, done, total });
    },
    progress({ phase, done, total, units, seconds, loss }) {
      count(phase, done);
      timeLeft.record(phase, units, seconds);
      const secondsLeft = timeLeft.estimate(remaining);
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
