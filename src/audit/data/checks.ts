/** Every check of a dataset that needs no model, in the order of a report. */
import type { DataCheckKind } from "./check.js";
import { REPEATS } from "./repeats.js";
import { WEAK_CODE } from "./weak-code.js";

export const DATA_CHECKS: readonly DataCheckKind[] = [WEAK_CODE, REPEATS];
