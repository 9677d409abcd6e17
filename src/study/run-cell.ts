/** Makes one cell from its folder alone. */
import { openModel, type OpenOptions } from "../model/index.js";
import { baseOf, type StudyModel } from "./base-model.js";
import { readCell, type CellRecord, CELL_FOLDER } from "./cell.js";
import { StudyError } from "./error.js";
import type { StudyEvent } from "./events.js";
import { openJudges, type StudyJudge } from "./judges.js";
import { makeCell } from "./make-cell.js";
import type { PhaseWatcher } from "./phases.js";
import { workOf } from "./time-left.js";
import { watchCell } from "./watch.js";
import { reopenIfTorn } from "./whole-cell.js";
import { WorkLeft } from "./work-left.js";
import { Run, type RunCommand } from "../run/index.js";

export interface RunOptions {
  /** How a model is opened by its name, with an adapter to be trained or without; default `openModel`. */
  readonly openModel?: (name: string, options?: Pick<OpenOptions, "lora">) => Promise<StudyModel>;
  readonly onEvent?: (event: StudyEvent) => void;
  /** Hears, in one line each, how judges turn out to be asked. */
  readonly onNotice?: (notice: string) => void;
  /** Stops between steps: the promise rejects with the signal's reason, and the same call carries on from there. */
  readonly signal?: AbortSignal;
  /** By which the whole is carried on from its folder alone. */
  readonly command?: RunCommand;
  /** Seconds from one checkpoint of a fine-tune to the next; default 5, more where writing one takes long. */
  readonly checkpointEvery?: number;
}

/** Runs the cell that `folder`/cell.json describes, or carries on with it; a finished cell is left as it is. */
export async function runCell(folder: string, options: RunOptions = {}): Promise<CellRecord> {
  const cell = await reopenIfTorn(folder, await requireCell(folder));
  if (cell.status === "finished") return cell;
  const open = options.openModel ?? openModel;
  const model = await open(cell.model, cell.lora && { lora: cell.lora });
  try {
    const opened = await openJudges(cell, open, options.onNotice);
    try {
      return await withModel(folder, { model, judges: opened.judges }, options, (now) => {
        options.onEvent?.({ type: "cell-started", cell: 1, cells: 1, condition: cell.condition, seed: cell.seed });
        return watchCell(now, new WorkLeft([workOf(now)]), 0, options.onEvent);
      });
    } finally {
      await opened.close();
    }
  } finally {
    await model.close();
  }
}

/** Takes the cell's folder, makes what is missing with `model`, and tells `watch`'s watcher. */
export async function withModel(
  folder: string,
  { model, judges }: { readonly model: StudyModel; readonly judges: readonly StudyJudge[] },
  options: RunOptions,
  watch: (cell: CellRecord) => PhaseWatcher,
): Promise<CellRecord> {
  return Run.use(folder, CELL_FOLDER, async (run) => {
    const found = await requireCell(folder);
    if (found.status === "finished") return found;
    const base = baseOf(model);
    const { sha256 } = base;
    // Where the plan was entered without the model, the model that is opened first is the one.
    const cell = found.base.sha256 === "" ? { ...found, base } : found;
    if (sha256 !== cell.base.sha256) {
      throw new StudyError(
        `${folder}: the model ${cell.model} has changed: sha256 of its weights was ${cell.base.sha256}, is ${sha256}. ` +
          "Restore it, or begin a new study with --out.",
      );
    }
    await run.begin();
    const began = performance.now();
    const { signal, checkpointEvery, openModel: open = openModel } = options;
    const means = { model, judges, openModel: open, signal, checkpointEvery };
    const finished = await makeCell({ folder, cell, run, watcher: held(run, watch(cell)), ...means });
    const { condition, seed, metrics = {} } = finished;
    options.onEvent?.({ type: "cell-finished", condition, seed, seconds: (performance.now() - began) / 1000, metrics });
    return finished;
  });
}

/** The same watcher; it stops the work where another process has taken the folder. */
const held = (run: Run, watcher: PhaseWatcher): PhaseWatcher => ({
  started: (phase, done, total) => watcher.started(phase, done, total),
  progress: (progress) => {
    run.assertHeld();
    watcher.progress(progress);
  },
});

async function requireCell(folder: string): Promise<CellRecord> {
  const cell = await readCell(folder);
  if (cell === undefined) throw new StudyError(`${folder}: expected the folder of a cell, found no cell.json in it.`);
  return cell;
}
