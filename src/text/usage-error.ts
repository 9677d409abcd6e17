/** Mistakes in what was asked for, and stops that were asked for. */
import { AskewError, EXIT } from "./askew-error.js";

/** Something that users can put right in what they asked for; `hint` says how. */
export class UsageError extends AskewError {
  override readonly name = "UsageError";
  constructor(message: string, hint?: string) {
    super(message, hint === undefined ? {} : { hint });
  }
}

/** The user pressed Ctrl-C, and the work has stopped cleanly; everything worth saying has been said. */
export class Interrupted extends AskewError {
  override readonly name = "Interrupted";
  constructor(exitCode: number = EXIT.interrupted) {
    super("interrupted", { kind: "interrupted", exitCode });
  }
}
