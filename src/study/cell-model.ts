/** The model that a cell was trained to be. */
import { openModel, type Model, type OpenOptions } from "../model/index.js";
import { cellFiles, isFinished, readCell, type FinishedCell } from "./cell.js";
import { StudyError } from "./error.js";
import { cellFolder, readCells, readStudyFile, studyPath } from "./study-folder.js";

/** The finished cells of the study in `study`, each with its folder. */
export async function finishedCells(
  study: string,
): Promise<{ readonly folder: string; readonly cell: FinishedCell }[]> {
  const file = await readStudyFile(study);
  if (file === undefined) throw new StudyError(`${studyPath(study)}: expected a study there, found no such file.`);
  const cells = await readCells(study, file.plan);
  return cells.filter(isFinished).map((cell) => ({ folder: cellFolder(study, cell), cell }));
}

/** Opens the model of a cell whose training is finished. */
export async function openCellModel(folder: string, options: OpenOptions = {}): Promise<Model> {
  const cell = await readCell(folder);
  if (cell === undefined) throw new StudyError(`${folder}: expected the folder of a cell, found no cell.json in it.`);
  if (cell.served !== undefined) {
    throw new StudyError(`${folder}: its model was trained by a server and lies there. Name it as ${cell.served}.`);
  }
  const weights = cell.dose && { weights: cellFiles(folder).weights };
  return openModel(cell.model, { ...options, ...weights });
}
