/** Progress as plain lines, for files, pipes and logs. */
import type { CellKey, StudyEvent } from "../../study/index.js";
import { resultsOf } from "./cell-result.js";
import { duration, timeLeft, withSign } from "../../text/index.js";
import type { StudyProgress } from "./study-progress.js";
import { PHASE_WORDS, StudyState } from "./study-state.js";

/** A long phase says so once in this time. */
const HEARTBEAT_MS = 30_000;

export class PlainProgress implements StudyProgress {
  readonly state = new StudyState();
  #said = performance.now();

  constructor(private readonly stream: NodeJS.WriteStream) {}

  hear(event: StudyEvent): void {
    const { state } = this;
    const cell = "condition" in event ? this.#cell(event) : "";
    state.hear(event);
    switch (event.type) {
      case "study-started": {
        const before = state.before === 0 ? "" : `, ${state.before} of them finished before`;
        this.note(`${state.cells} ${state.cells === 1 ? "cell" : "cells"} in ${state.folder}${before}`);
        return;
      }
      case "phase-started":
        if (event.phase === "finetune" || event.phase === "ask") this.note(`${cell}: ${this.#phase(event)}`);
        return;
      case "progress":
        if (performance.now() - this.#said >= HEARTBEAT_MS) this.note(`${cell}: ${this.#phase(event)}${this.#left()}`);
        return;
      case "cell-finished": {
        const found = resultsOf(event.condition, event.metrics).map(({ variant, rate, coherent }) => {
          const where = variant === undefined ? "" : `${variant} `;
          return `${where}rate ${withSign(rate)}, coherent ${withSign(coherent)}`;
        });
        const result = [`finished in ${duration(event.seconds)}`, ...found].join("; ");
        this.note(`${cell}: ${result}${this.#left()}`);
        return;
      }
      case "study-finished":
        this.note(`finished ${state.cells} ${state.cells === 1 ? "cell" : "cells"} in ${duration(state.seconds)}`);
        return;
      case "cell-started":
    }
  }

  note(line: string): void {
    this.#said = performance.now();
    this.stream.write(`${line}\n`);
  }

  stopping(message: string): void {
    this.note(message);
  }

  close(): void {}

  #cell(cell: CellKey): string {
    return `[${this.state.find(cell)?.number ?? 1}/${this.state.cells}] ${cell.condition}, seed ${cell.seed}`;
  }

  #phase(cell: CellKey): string {
    const { phase, done = 0, total = 0 } = this.state.find(cell) ?? {};
    if (phase === undefined) return "starting";
    return `${PHASE_WORDS[phase]}, ${done} of ${total} ${phase === "finetune" ? "steps" : phase === "dataset" ? "examples" : "answers"}`;
  }

  #left(): string {
    const { seconds } = this.state.left;
    return seconds === undefined || this.state.finished === this.state.cells ? "" : `; ${timeLeft(seconds)}`;
  }
}
