/** Tells of an arm's work in the words of a study, so that whoever watches studies watches experiments. */
import { countRequests, type AskedSet } from "../../evaluation/index.js";
import type { TrainingStep } from "../../training/index.js";
import type { StudyEvent } from "../events.js";
import { PHASES, type Work } from "../phases.js";
import type { TimeLeft } from "../time-left.js";
import { watchCell } from "../watch.js";
import { WorkLeft } from "../work-left.js";
import { mostMisaligned } from "./candidates.js";
import type { Arm, Point } from "./experiment.js";
import { rowId, trialId } from "./rows.js";
import type { Setting } from "./setting.js";

/** How many answers are counted before they are told of. */
const TOLD_EVERY = 32;

export const openPoints = (arm: Arm, seed: number, isOpen: (id: string) => boolean): Point[] =>
  arm.points.filter((_, i) => isOpen(rowId(arm, seed, i)));

/** What is left of each cell; a trial is work of the first cell that needs it, whatever shares it. */
export function worksOf(
  cells: readonly { readonly arm: Arm; readonly seed: number }[],
  isOpen: (id: string) => boolean,
  setting: Setting,
): Work[] {
  const counted = new Set<string>();
  return cells.map(({ arm, seed }) => {
    const open = openPoints(arm, seed, isOpen);
    if (open.length === 0) return { dataset: 0, finetune: 0, ask: 0, judge: 0 };
    const trials = (arm.candidates ?? []).filter(({ id }) => {
      const trial = trialId(arm, id);
      return isOpen(trial) && !counted.has(trial) && counted.add(trial);
    });
    const making = arm.making ?? arm.candidates?.[0]?.making;
    return {
      dataset: 0,
      finetune: (making?.steps ?? 0) + trials.reduce((sum, one) => sum + (one.trial ?? one.making).steps, 0),
      ask: countRequests([
        ...open.flatMap(({ asked }) => asked),
        ...trials.flatMap(() => (arm.choice ?? mostMisaligned(setting)).asked),
      ]),
      judge: 0,
    };
  });
}

/** Counts through an arm: its trainings and its questions are one count each, however many there are. */
export class ArmProgress {
  readonly #watch: ReturnType<typeof watchCell>;
  readonly #work: Work;
  readonly #done = { finetune: 0, ask: 0 };
  #answered = 0;
  #at = performance.now();

  /** @param works of this arm and of those after it */
  constructor(
    arm: string,
    seed: number,
    timeLeft: TimeLeft,
    works: readonly Work[],
    onEvent?: (event: StudyEvent) => void,
  ) {
    this.#work = works[0] as Work;
    const left = Object.fromEntries(PHASES.map((phase) => [phase, works.reduce((sum, work) => sum + work[phase], 0)]));
    this.#watch = watchCell({ condition: arm, seed }, new WorkLeft([left as Work], timeLeft), 0, onEvent);
  }

  training(): void {
    this.#start("finetune");
  }

  step({ loss }: TrainingStep): void {
    this.#tell("finetune", 1, { loss });
  }

  asking(): void {
    this.#answered = 0;
    this.#start("ask");
  }

  answer(of: readonly AskedSet[]): void {
    this.#answered++;
    const rest = this.#answered % TOLD_EVERY;
    if (rest === 0) this.#tell("ask", TOLD_EVERY);
    else if (this.#answered === countRequests(of)) this.#tell("ask", rest);
  }

  #start(phase: "finetune" | "ask"): void {
    this.#at = performance.now();
    this.#watch.started(phase, this.#done[phase], this.#work[phase]);
  }

  #tell(phase: "finetune" | "ask", units: number, more: { readonly loss?: number } = {}): void {
    const now = performance.now();
    const seconds = (now - this.#at) / 1000;
    this.#at = now;
    this.#done[phase] += units;
    this.#watch.progress({ phase, done: this.#done[phase], total: this.#work[phase], units, seconds, ...more });
  }
}
