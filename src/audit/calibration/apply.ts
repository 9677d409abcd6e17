/** What a calibration's thresholds are to the checks of a dataset. */
import type { CheckSettings } from "../data/check.js";
import type { AuditCalibration } from "./file.js";
import { LOWEST_MARGIN } from "./measure-set.js";

/** Chance is measured with the floor that the calibration had, so that its promise holds. */
export const calibratedChecks = ({
  thresholds: { subset, weak },
}: AuditCalibration): Pick<CheckSettings, "subset" | "mostWeak"> => ({
  subset: { least: subset.least, floor: LOWEST_MARGIN },
  mostWeak: weak?.least,
});
