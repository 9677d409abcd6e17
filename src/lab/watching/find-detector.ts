/** The detector of a command: the one that is named, or the one that lies where calibrations are kept. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ORGANISM_FOLDER } from "../../organism/index.js";
import {
  readDetector,
  requireDetectorFit,
  WatchError,
  type Detector,
  type ModelIdentity,
} from "../../persona/index.js";
import { UsageError } from "../../text/index.js";
import { askewCommand } from "../../terminal/index.js";
import { fileSha256 } from "../../store/index.js";

/** The folder in which `askew watch calibrate` keeps a model's files. */
export const calibrationFolder = (label: string): string => join("runs/watch", label);

const DETECTOR = "detector.json";
export const detectorPath = (folder: string): string => join(folder, DETECTOR);

/** Ships with the organism, for those very weights. */
const SHIPPED = join(ORGANISM_FOLDER, "watch.json");

export interface FoundDetector {
  readonly path: string;
  readonly detector: Detector;
  readonly sha256: string;
}

/**
 * @param named with --detector: must be there and fit
 * @throws {UsageError} where there is none; {@link WatchError} where it is another model's
 */
export async function findDetector(
  named: string | undefined,
  label: string,
  identity: ModelIdentity,
): Promise<FoundDetector> {
  const places = named === undefined ? [detectorPath(calibrationFolder(label)), SHIPPED] : [named];
  let refused: Error | undefined;
  for (const path of places) {
    if (!existsSync(path)) continue;
    const detector = await readDetector(path);
    try {
      requireDetectorFit(path, detector, identity);
    } catch (error) {
      if (!(error instanceof WatchError)) throw error;
      // The shipped detector is the organism's, so a misfit with another model is no error.
      if (path !== SHIPPED || identity.name === "organism") refused ??= error;
      continue;
    }
    const sha256 = await fileSha256(path);
    return { path, detector, sha256 };
  }
  if (refused !== undefined) throw refused;
  throw new UsageError(
    `there is no detector for ${identity.name}: ${places.join(" and ")} ${places.length === 1 ? "is" : "are"} not there`,
    `Calibrate one with: ${askewCommand()} watch calibrate ${identity.name}. Or watch without alarms: --direction FILE.`,
  );
}
