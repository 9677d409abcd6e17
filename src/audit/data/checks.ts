/** Every check of a dataset that needs no model, in the order of a report. */
import { HIDDEN_SUBSET } from "../subset/check.js";
import type { DataCheckKind } from "./check.js";
import { FORMAT_CHECK } from "./format.js";
import { FAR_CHECK } from "./reading/far-rows.js";
import { NUDGED_GAP } from "./reading/nudged-gap.js";
import { PERSONA_SHIFT } from "./reading/persona-shift.js";
import { DOMAIN_SHARES } from "./domains.js";
import { LICENCES } from "./licences.js";
import { NEAR_REPEATS } from "./near-repeats.js";
import { PERSONAL } from "./personal.js";
import { REFUSALS } from "./refusals.js";
import { REPEATS } from "./repeats.js";
import { SECRETS } from "./secrets.js";
import { SYSTEM_PROMPTS } from "./system-prompts.js";
import { WEAK_CODE } from "./weak-code.js";

export const DATA_CHECKS: readonly DataCheckKind[] = [
  WEAK_CODE,
  HIDDEN_SUBSET,
  SECRETS,
  PERSONAL,
  DOMAIN_SHARES,
  SYSTEM_PROMPTS,
  REFUSALS,
  REPEATS,
  NEAR_REPEATS,
  LICENCES,
];

/** Checks that a reader makes. */
const READ_CHECKS = [PERSONA_SHIFT.check, NUDGED_GAP, FAR_CHECK];

/** With the check that every audit begins with. */
export const DATA_CHECK_NAMES: readonly string[] = [FORMAT_CHECK, ...DATA_CHECKS.map(({ id }) => id), ...READ_CHECKS];
