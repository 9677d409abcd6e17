/** What a calibration's thresholds are to the checks of a dataset. */
import type { CheckSettings } from "../data/check.js";
import type { AuditCalibration } from "./file.js";

export const calibratedChecks = ({
  thresholds: { subset, weak },
}: AuditCalibration): Pick<CheckSettings, "leastSubset" | "mostWeak"> => ({
  leastSubset: subset.least,
  mostWeak: weak?.least,
});
