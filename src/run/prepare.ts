/** Runs that somebody else begins: a folder with the command that makes it, for a job of a scheduler. */
import { join } from "node:path";
import { RUN_FILE, StoreError, writeJson } from "../store/index.js";
import { readRun, Run, type RunCommand } from "./run.js";

/**
 * Writes down in `folder` which command makes the run; `askew run FOLDER` then does. A finished run stays finished, and
 * is open again where it `grows` by another command.
 * @throws {StoreError} where the folder is another run's
 */
export async function prepareRun(folder: string, kind: string, command: RunCommand, grows = false): Promise<void> {
  const found = await readRun(folder);
  const isSame = JSON.stringify(found?.command) === JSON.stringify(command);
  if (found !== undefined && found.kind === kind && isSame) return;
  if (found?.command !== undefined && found.kind === kind && !grows) {
    throw new StoreError(
      `${folder} was begun with askew ${found.command.words.join(" ")}. Choose another folder with --out.`,
    );
  }
  const run = await Run.open(folder, { kind, files: [] });
  try {
    await run.begin(command);
    const record = await readRun(folder);
    if (record?.status === "finished") await writeJson(join(folder, RUN_FILE), { ...record, status: "open" });
  } finally {
    await run.close();
  }
}
