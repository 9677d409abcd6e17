/** Every check of a dataset that needs no model, in the order of a report. */
import type { DataCheckKind } from "./check.js";
import { REPEATS } from "./repeats.js";

export const DATA_CHECKS: readonly DataCheckKind[] = [REPEATS];
