/** What every phase of a cell is given. */
import type { StudyModel } from "./base-model.js";
import type { CellRecord } from "./cell.js";
import type { StudyJudge } from "./judges.js";
import type { PhaseWatcher } from "./phases.js";
import type { Run } from "../run/index.js";

export interface CellWork {
  readonly folder: string;
  readonly cell: CellRecord;
  /** What the cell is made of; what it was trained to be, once it is trained. */
  readonly model: StudyModel;
  readonly judges: readonly StudyJudge[];
  /** Opens the model that a server has trained. */
  readonly openModel: (name: string) => Promise<StudyModel>;
  /** The cell's own, which hears what is begun and finished. */
  readonly run: Run;
  readonly watcher: PhaseWatcher;
  readonly signal?: AbortSignal | undefined;
  /** Seconds from one checkpoint of a fine-tune to the next; see {@link Checkpoints}. */
  readonly checkpointEvery?: number | undefined;
}
