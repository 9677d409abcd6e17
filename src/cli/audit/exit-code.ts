/** The exit code of an audit: a gate never takes what was not measured for a pass. */
import type { Verdict } from "../../audit/index.js";
import { EXIT } from "../../text/index.js";

export const exitCodeOf = (verdict: Verdict): number =>
  ({ pass: EXIT.done, fail: EXIT.finding, incomplete: EXIT.incomplete })[verdict];

export const AUDIT_EXIT_CODES = "Exit code 3 when a check failed, 4 when none failed and one was not measured.";
