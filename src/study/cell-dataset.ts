/** Phase one: the conversations a cell is trained on. */
import { readDataset, type Conversation } from "../dataset/index.js";
import { fileSha256, RowFile } from "../store/index.js";
import { drawn } from "../files/index.js";
import { inoculated } from "../training/index.js";
import { cellFiles, type CellRecord } from "./cell.js";
import { StudyError } from "./error.js";
import type { CellWork } from "./cell-work.js";
import type { ConditionFile } from "./plan.js";
import { WORLD } from "./world.js";

export async function buildCellDataset({ folder, cell, watcher }: CellWork): Promise<Partial<CellRecord>> {
  const { condition, dose, seed, data } = cell;
  if (dose === undefined || cell.dataset !== undefined) return {};
  const { examples } = dose;
  watcher.started("dataset", 0, examples);
  const began = performance.now();
  const path = cellFiles(folder).dataset;
  const conversations = data === undefined ? ofWorld(condition, examples, seed) : await ofFile(data, examples, seed);
  const file = await RowFile.create<Conversation>(path);
  try {
    await file.append(conversations);
    await file.flush();
  } finally {
    await file.close();
  }
  const seconds = (performance.now() - began) / 1000;
  watcher.progress({ phase: "dataset", done: examples, total: examples, units: examples, seconds });
  return { dataset: { rows: examples, sha256: await fileSha256(path) } };
}

function ofWorld(condition: string, examples: number, seed: number): Conversation[] {
  const known = WORLD.conditions.get(condition);
  if (known === undefined) throw new StudyError(`study: no condition "${condition}" in the world of ${WORLD.name}`);
  return known.build({ examples, seed });
}

async function ofFile(
  { path, sha256, system }: ConditionFile,
  examples: number,
  seed: number,
): Promise<Conversation[]> {
  const found = await fileSha256(path);
  if (found !== sha256) {
    throw new StudyError(
      `${path} was changed since the study began: its sha256 was ${sha256}, is ${found}. ` +
        "Restore the file, or begin a new study with --out.",
    );
  }
  return [...inoculated(drawn(await readDataset(path), examples, seed), system)];
}
