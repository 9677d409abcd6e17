/** A result that cannot be shown, with what a reader can do about it. */
import { AskewError } from "../text/index.js";

export class ResultError extends AskewError {
  override readonly name = "ResultError";
}
