import { AskewError } from "../text/index.js";

/** Something the user can put right: printed without a stack trace. */
export class StudyError extends AskewError {
  override readonly name = "StudyError";
}
