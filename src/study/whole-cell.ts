/**
 * A cell that was finished, and whose rows are not all there any more: a machine that crashes can take the end of a
 * file with it after the fact. Such a cell is open again, and what is missing is made anew, the same to the byte.
 */
import { holdsRows } from "../store/index.js";
import { isWorldJudge } from "./world.js";
import { cellFiles, isFinished, writeCell, type CellRecord } from "./cell.js";
import { judgesOf } from "./plan.js";

/** The cell as it is, or open again, which is written down. */
export async function reopenIfTorn(folder: string, cell: CellRecord): Promise<CellRecord> {
  if (!isFinished(cell)) return cell;
  const { answers, judgments } = cellFiles(folder);
  // A model judges no answer to a question that wants no judgment; how many it judged is not known beforehand.
  const judged = judgesOf(cell).every(isWorldJudge) ? cell.answers : undefined;
  if ((await holdsRows(answers, cell.answers)) && (await holdsRows(judgments, judged))) return cell;
  const { finishedAt: _, ...rest } = cell;
  const opened: CellRecord = { ...rest, status: "open" };
  await writeCell(folder, opened);
  return opened;
}
