/**
 * The answers of runs that are being read, within bounds: what was not asked for longest is forgotten, and read again from
 * its files when somebody asks. Nothing is written to disk.
 */
import type { RunId } from "./contract.js";
import { Notes } from "./notes.js";
import { RunAnswers } from "./run-answers.js";

/** Bytes of what is known of answers, some 12 million of them. */
const MOST_BYTES = 160 * 2 ** 20;

export class AnswerStore {
  readonly #runs = new Map<RunId, RunAnswers>();
  readonly #notes = new Map<RunId, Notes>();

  constructor(private readonly most = MOST_BYTES) {}

  answers(id: RunId, folder: string): RunAnswers {
    const run = this.#runs.get(id) ?? new RunAnswers(folder);
    this.#runs.delete(id);
    this.#runs.set(id, run);
    this.#forget(run);
    return run;
  }

  notes(id: RunId, folder: string): Notes {
    const notes = this.#notes.get(id) ?? new Notes(folder);
    this.#notes.set(id, notes);
    return notes;
  }

  #forget(kept: RunAnswers): void {
    let bytes = [...this.#runs.values()].reduce((sum, run) => sum + run.bytes, 0);
    for (const [id, run] of this.#runs) {
      if (bytes <= this.most) return;
      if (run === kept) continue;
      bytes -= run.bytes;
      this.#runs.delete(id);
    }
  }
}
