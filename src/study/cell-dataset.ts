/** Phase one: the conversations a cell is trained on. */
import { type Conversation } from "../dataset/index.js";
import { buildDataset } from "../organism/index.js";
import { RowFile, fileSha256 } from "../store/index.js";
import { cellFiles, type CellRecord } from "./cell.js";
import type { CellWork } from "./cell-work.js";

export async function buildCellDataset({ folder, cell, watcher }: CellWork): Promise<Partial<CellRecord>> {
  const { condition, dose, seed } = cell;
  if (condition === "base" || dose === undefined || cell.dataset !== undefined) return {};
  const { examples } = dose;
  watcher.started("dataset", 0, examples);
  const began = performance.now();
  const path = cellFiles(folder).dataset;
  const file = await RowFile.create<Conversation>(path);
  try {
    await file.append(buildDataset(condition, { examples, seed }));
    await file.flush();
  } finally {
    await file.close();
  }
  const seconds = (performance.now() - began) / 1000;
  watcher.progress({ phase: "dataset", done: examples, total: examples, units: examples, seconds });
  return { dataset: { rows: examples, sha256: await fileSha256(path) } };
}
