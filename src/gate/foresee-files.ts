/** Data files before they are audited: whether they, their reader and their calibration are there. */
import { countRows, readCalibration } from "../audit/index.js";
import { findModel, studiesOf } from "../lab/index.js";
import type { GatePlan } from "./plan.js";

export interface ForeseenFile {
  readonly file: string;
  readonly rows: number;
  readonly unreadable: number;
}

/**
 * Reads the files, and opens no model.
 * @throws {DatasetError | AskewError} for a file without conversations, and for a model or calibration that is not there
 */
export async function foreseeFiles(
  { data, reader, calibration }: Pick<GatePlan, "data" | "reader" | "calibration">,
  signal: AbortSignal,
): Promise<readonly ForeseenFile[]> {
  if (calibration !== undefined) await readCalibration(calibration);
  if (reader !== undefined) findModel(reader.model, studiesOf(undefined));
  const files: ForeseenFile[] = [];
  for (const { file } of data) files.push({ file, ...(await countRows(file, signal)) });
  return files;
}
