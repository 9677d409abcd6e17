import { AskewError } from "../../text/index.js";

/** Judged answers that cannot be scored; the message says which, where, and what to do. */
export class ScoreError extends AskewError {
  override readonly name = "ScoreError";
}
