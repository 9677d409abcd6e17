/** Takes the finished cells of another copy of a study, as from a machine that shares no file system with this one. */
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { refuseStrangers, makeFolder, storing, writeJson } from "../store/index.js";
import { Run } from "../run/index.js";
import { CELL_FOLDER, cellFiles, isFinished, readCell, writeCell } from "./cell.js";
import { StudyError } from "./error.js";
import { cellName, planCells } from "./plan.js";
import { scoreFinished } from "./score-finished.js";
import { cellFolder, enterPlan, readStudyFile, STUDY_FOLDER, studyPath, summaryPath } from "./study-folder.js";
import { reopenIfTorn } from "./whole-cell.js";

export interface Adopted {
  /** Cells that came in, by their names. */
  readonly taken: readonly string[];
  /** Finished cells of the study now, of all there are. */
  readonly finished: number;
  readonly cells: number;
}

/**
 * Moves finished cells from `from`, which is this process's own copy, into the study in `folder`, which is made where
 * there is none. A cell that is finished here stays as it is.
 * @throws {StudyError} where `from` holds no study; {@link StoreError} where `folder` holds another one
 */
export async function adoptCells(from: string, folder: string): Promise<Adopted> {
  const theirs = await readStudyFile(from);
  if (theirs === undefined) throw new StudyError(`${studyPath(from)}: expected a study there, found no such file.`);
  const run = await Run.open(folder, STUDY_FOLDER);
  try {
    const { plan } = await enterPlan(folder, theirs.plan, theirs.base);
    await run.begin();
    const taken: string[] = [];
    for (const cell of planCells(theirs.plan)) {
      if (await take(cellFolder(from, cell), cellFolder(folder, cell))) taken.push(cellName(cell));
    }
    const { cells, summary } = await scoreFinished(folder, plan);
    if (cells.length > 0) await writeJson(summaryPath(folder), summary);
    const all = planCells(plan).length;
    if (cells.length === all) await run.finish();
    return { taken, finished: cells.length, cells: all };
  } finally {
    await run.close();
  }
}

/** Whether the cell came in. */
async function take(from: string, to: string): Promise<boolean> {
  const [theirs, ours] = [await readCell(from), await readCell(to)];
  if (theirs === undefined || (ours !== undefined && isFinished(ours))) return false;
  // A copy that was cut off lacks rows, and is open again.
  const whole = await reopenIfTorn(from, theirs);
  if (!isFinished(whole)) return false;
  const run = await Run.open(to, CELL_FOLDER);
  try {
    await refuseStrangers(to, CELL_FOLDER);
    await storing(to, () => makeFolder(to));
    const { dataset, training, weights, answers, judgments } = cellFiles("");
    for (const name of [dataset, training, weights, answers, judgments]) {
      await storing(join(to, name), () => moveIfThere(join(from, name), join(to, name)));
    }
    // The end mark comes last, so that a stop in between leaves an open cell.
    await writeCell(to, whole);
    await run.begin();
    await run.finish();
    return true;
  } finally {
    await run.close();
  }
}

async function moveIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  });
}
