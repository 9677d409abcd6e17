import type { Told } from "../../views/index.js";
import { EXIT } from "../../text/index.js";

/** An alarm ends the command with a code that a gate can stop at. */
export function setExitCode({ verdict }: Pick<Told, "verdict">): void {
  if (verdict.alarm !== null) process.exitCode = EXIT.finding;
}
