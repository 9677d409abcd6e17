import { AskewError } from "../text/index.js";

/** A scheduler that is not there, or that refused what it was asked for. */
export class ExecutorError extends AskewError {
  override readonly name = "ExecutorError";
}
