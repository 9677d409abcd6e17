import { AskewError } from "../../text/index.js";

/** A file of answers or judgments that cannot be read or carried on; the message says where, and what to do. */
export class AnswerFileError extends AskewError {
  override readonly name = "AnswerFileError";
}
